/* cup/native.h: the program that runs a generated service, on captures and on live devices.
 *
 *     int main(int count, char **words) { return cup_native_main(&service, count, words); }
 *
 *     firewall --set inside=pcap:in.pcap,out.pcap --set outside=null --config 'allowed=[10.0.0.0/8]' --report json
 *     firewall --set inside=eth0 --set outside=tap:lab --name edge
 *
 * A run with a live device goes on until SIGINT, SIGTERM or SIGHUP, or 100 ms beyond the last packet of captures that it reads; its
 * state is in /run/cupc/NAME, or below XDG_RUNTIME_DIR or ~/.local/state for users other than root, unless `--state` names a folder.
 * One call per process, one thread. Exit codes: 0 fine, 1 trouble with input, output or state, 2 wrong usage; messages are one line
 * on standard error, `SERVICE: what happened`. With `--script -` lines on standard input drive the service (src/native_script.c). */
#ifndef CUP_NATIVE_H
#define CUP_NATIVE_H

#include "cup/service.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the service as the words of the command line say, and gives the exit code. */
int cup_native_main(const struct cup_service *service, int word_count, char **words);

#ifdef __cplusplus
}
#endif

#endif
