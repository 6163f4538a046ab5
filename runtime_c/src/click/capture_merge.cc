// Merging captures by time. See capture_merge.hh.
#include "cup/click/capture_merge.hh"

#include <click/args.hh>
#include <click/router.hh>
#include <click/standard/scheduleinfo.hh>

CLICK_DECLS

namespace cup {

enum { BURST = 32 };

CaptureMerge::CaptureMerge() : _task(this), _stops(true) {
#if HAVE_BATCH
    in_batch_mode = BATCH_MODE_YES;
#endif
}

int CaptureMerge::configure(Vector<String> &words, ErrorHandler *errh) { return Args(words, this, errh).read("STOP", _stops).complete(); }

int CaptureMerge::initialize(ErrorHandler *errh) {
    for (int i = 0; i < ninputs(); i++) {
        _first.push_back(0);
        _signals.push_back(Notifier::upstream_empty_signal(this, i, &_task));
    }
    ScheduleInfo::initialize_task(this, &_task, true, errh);
    return 0;
}

void CaptureMerge::cleanup(CleanupStage) {
    for (int i = 0; i < _first.size(); i++)
        if (_first[i]) _first[i]->kill();
    _first.clear();
}

// The input whose packet is next; -1 where no input has any.
int CaptureMerge::earliest() {
    int chosen = -1;
    for (int i = 0; i < ninputs(); i++) {
        if (!_first[i]) _first[i] = input(i).pull();
        if (_first[i] && (chosen < 0 || _first[i]->timestamp_anno() < _first[chosen]->timestamp_anno())) chosen = i;
    }
    return chosen;
}

bool CaptureMerge::run_task(Task *) {
    PacketRun leaving(*this);
    for (int sent = 0; sent < BURST; sent++) {
        const int next = earliest();
        if (next < 0) {
            bool more = false;
            for (int i = 0; i < ninputs(); i++) more = more || _signals[i];
            if (more) _task.fast_reschedule();
            else if (_stops) router()->please_stop_driver();
            return sent != 0;
        }
        Packet *packet = _first[next];
        _first[next] = 0;
        leaving.push(next, packet);
    }
    _task.fast_reschedule();
    return true;
}

} // namespace cup

CLICK_ENDDECLS
