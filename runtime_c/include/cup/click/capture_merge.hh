/* capture_merge.hh: several captures as one stream in the order of time.
 *
 *     FromDump(inside.pcap) -> [0]merge :: Firewall_v1_Merge; merge[0] -> [0]firewall;
 *     FromDump(outside.pcap) -> [1]merge;                     merge[1] -> [1]firewall;
 *
 * What comes in by a port leaves by the port of the same number, the earliest packet of all first, that of the earlier port where times
 * are equal (Click's own TimeSortedSched leaves that open). Stops the driver at the end of all inputs, unless `STOP false`.
 *
 *     merge :: Firewall_v1_Merge(DRAIN firewall shaper shaper_queue);
 *
 * With `DRAIN` it waits at the end until these elements hold no packets (their handler `length`) and wait for none (`outstanding`), or
 * until nothing moves any more: what is outstanding may have been dropped. */
#ifndef CUP_CAPTURE_MERGE_HH
#define CUP_CAPTURE_MERGE_HH

#include "cup/click/base.hh"

#include <click/notifier.hh>
#include <click/handler.hh>
#include <click/task.hh>
#include <click/timer.hh>

CLICK_DECLS

namespace cup {

class CaptureMerge : public Base { public:

    CaptureMerge();

    int configure(Vector<String> &words, ErrorHandler *errh);
    int initialize(ErrorHandler *errh);
    void cleanup(CleanupStage stage);
    bool run_task(Task *task);
    void run_timer(Timer *timer);

  private:

    Task _task;
    Timer _timer; // runs once all inputs have come to their end
    bool _stops;
    Vector<const Handler *> _draining;
    Vector<Element *> _drained;
    String _standing; // what the handlers said last, ...
    int _quiet;       // ... and how often they have said so
    Vector<Packet *> _first; // of each input, NULL where none has come
    Vector<NotifierSignal> _signals;

    int earliest();
    void end();
};

} // namespace cup

CLICK_ENDDECLS
#endif
