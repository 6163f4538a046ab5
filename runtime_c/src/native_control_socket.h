/* native_control_socket.h: a Unix socket at a path, that its owner alone can use. Shared by native_control*.c alone.
 *
 *     struct native_control_socket socket;
 *     if (!native_control_socket_open(run, &socket)) ...     // said why
 *     accept(socket.file, ...);
 *     native_control_socket_close(&socket);                  // the path is gone, unless another socket has taken it
 *
 * Once per process, from its one thread: the mask of new files is changed meanwhile. */
#ifndef CUP_NATIVE_CONTROL_SOCKET_H
#define CUP_NATIVE_CONTROL_SOCKET_H

#include "native_run.h"

#include <sys/types.h>

struct native_control_socket {
    int file;
    int folder; /* in which its name stands */
    char name[CUP_MESSAGE];
    dev_t device;
    ino_t inode;
};

/* At run->control_path, or `control` in the state folder. What a dead process has left there is taken away; a socket on which somebody
 * listens, and anything else, is left alone. */
bool native_control_socket_open(const struct native_run *run, struct native_control_socket *socket);
void native_control_socket_close(struct native_control_socket *socket);

#endif
