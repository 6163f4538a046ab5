// Merging captures by time. See capture_merge.hh.
#include "cup/click/capture_merge.hh"

#include <click/args.hh>
#include <click/confparse.hh>
#include <click/router.hh>
#include <click/standard/scheduleinfo.hh>

CLICK_DECLS

namespace cup {

enum { BURST = 32, LOOK_MSEC = 10, QUIET_WITHOUT_QUEUES = 50, QUIET = 500 }; // the last two in looks

CaptureMerge::CaptureMerge() : _task(this), _timer(this), _stops(true), _quiet(0) {
#if HAVE_BATCH
    in_batch_mode = BATCH_MODE_YES;
#endif
}

int CaptureMerge::configure(Vector<String> &words, ErrorHandler *errh) {
    String names;
    if (Args(words, this, errh).read("STOP", _stops).read("DRAIN", AnyArg(), names).complete() < 0) return -1;
    Vector<String> drained;
    cp_spacevec(names, drained);
    for (int i = 0; i < drained.size(); i++) {
        Element *element = router()->find(drained[i], this, errh);
        if (!element) return -1;
        _drained.push_back(element);
    }
    return 0;
}

int CaptureMerge::initialize(ErrorHandler *errh) {
    _timer.initialize(this);
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
            else if (_stops) end();
            return sent != 0;
        }
        Packet *packet = _first[next];
        _first[next] = 0;
        leaving.push(next, packet);
    }
    _task.fast_reschedule();
    return true;
}

void CaptureMerge::end() {
    if (!_draining.empty()) return;
    for (int i = 0; i < _drained.size(); i++) {
        const Handler *handler = Router::handler(_drained[i], "outstanding");
        if (!handler || !handler->read_visible()) handler = Router::handler(_drained[i], "length");
        _draining.push_back(handler && handler->read_visible() ? handler : 0);
    }
    if (_drained.empty()) router()->please_stop_driver();
    else _timer.schedule_now();
}

void CaptureMerge::run_timer(Timer *) {
    bool queued = false, outstanding = false;
    String standing;
    for (int i = 0; i < _drained.size(); i++) {
        if (!_draining[i]) continue;
        const String said = _draining[i]->call_read(_drained[i]).trim_space();
        standing += said + " ";
        const bool some = said != "0" && said[0] != '-';
        if (_draining[i]->name() == "length") queued = queued || some;
        else outstanding = outstanding || some;
    }
    _quiet = standing == _standing ? _quiet + 1 : 0;
    _standing = standing;
    if ((!queued && !outstanding) || _quiet >= (queued ? QUIET : QUIET_WITHOUT_QUEUES)) router()->please_stop_driver();
    else _timer.reschedule_after_msec(LOOK_MSEC);
}

} // namespace cup

CLICK_ENDDECLS
