/* What signals ask for. See native_run.h. */
#define _GNU_SOURCE
#include "native_run.h"

#include <string.h>

volatile sig_atomic_t native_signals_stop;

static void stop(int number) { native_signals_stop = number; }

void native_signals_heed(void) {
    struct sigaction on_stop, on_pipe;
    memset(&on_stop, 0, sizeof on_stop);
    memset(&on_pipe, 0, sizeof on_pipe);
    on_stop.sa_handler = stop;
    on_pipe.sa_handler = SIG_IGN;
    sigaction(SIGINT, &on_stop, NULL);
    sigaction(SIGTERM, &on_stop, NULL);
    sigaction(SIGHUP, &on_stop, NULL);
    sigaction(SIGPIPE, &on_pipe, NULL);
}
