/* The control socket of a running service. See native_run.h. */
#include "native_run.h"

int native_control_open(struct native_run *run) { (void)run; return NATIVE_FINE; }

unsigned native_control_poll(struct native_run *run, struct pollfd *fds, unsigned room) {
    (void)run, (void)fds, (void)room;
    return 0;
}

void native_control_serve(struct native_run *run) { (void)run; }

void native_control_close(struct native_run *run) { (void)run; }
