/* capture_merge.hh: several captures as one stream in the order of time.
 *
 *     FromDump(inside.pcap) -> [0]merge :: Firewall_v1_Merge; merge[0] -> [0]firewall;
 *     FromDump(outside.pcap) -> [1]merge;                     merge[1] -> [1]firewall;
 *
 * What comes in by a port leaves by the port of the same number, the earliest packet of all first, that of the earlier port where times
 * are equal (Click's own TimeSortedSched leaves that open). Stops the driver at the end of all inputs, unless `STOP false`. */
#ifndef CUP_CAPTURE_MERGE_HH
#define CUP_CAPTURE_MERGE_HH

#include "cup/click/base.hh"

#include <click/notifier.hh>
#include <click/task.hh>

CLICK_DECLS

namespace cup {

class CaptureMerge : public Base { public:

    CaptureMerge();

    int configure(Vector<String> &words, ErrorHandler *errh);
    int initialize(ErrorHandler *errh);
    void cleanup(CleanupStage stage);
    bool run_task(Task *task);

  private:

    Task _task;
    bool _stops;
    Vector<Packet *> _first; // of each input, NULL where none has come
    Vector<NotifierSignal> _signals;

    int earliest();
};

} // namespace cup

CLICK_ENDDECLS
#endif
