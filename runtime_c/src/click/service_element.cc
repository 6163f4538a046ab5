// The life of an element: configured, started, handed over, ended. See service_element.hh.
#include "cup/click/service_element.hh"

#include <click/args.hh>
#include <click/confparse.hh>
#include <click/error.hh>
#include <click/router.hh>
#include <click/standard/scheduleinfo.hh>

#include "batch.h"
#include "cup/chance.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

CLICK_DECLS

namespace cup {

const char Handover::NAME[] = "cup::Handover 2";

enum { MAINTAIN_MSEC = 100 };

template <class T> static T *zeros(size_t count) { return static_cast<T *>(calloc(count + 1, sizeof(T))); }

ServiceElement::ServiceElement(const Package &package)
    : _package(package), _service(*package.service), _kernel(0), _arena(), _params(), _configs(), _fixed(0), _real_clock(true), _seeded(false), _seed(0), _takes_over(false),
      _started(false), _burst(CUP_BURST), _sending(0), _held_count(0), _outputs(), _blank_memory(0), _task(this), _timer(this), _walking(0), _leaves_by(0),
      _leaves_whole(package.service->outputs_per_packet == 1 && package.service->copies_per_packet == 0 && !package.resizes), _in(0), _out(0), _cut(0),
      _time_ns(0), _started_ns(0), _edges_before(0), _counts(0), _events(), _handover() {
    _arena.file = -1;
}

ServiceElement::~ServiceElement() {
    cup_settings_free(&_params);
    cup_settings_free(&_configs);
    free(_fixed);
    free(_kernel);
    free(_outputs.list);
    free(_outputs.blanks);
    free(_blank_memory);
    free(_in);
    free(_out);
    free(_edges_before);
    free(_counts);
    cup_events_free(&_events);
}

void *ServiceElement::cast(const char *name) {
    if (strcmp(name, Handover::NAME) == 0) return const_cast<Handover *>(hand_over());
    if (strcmp(name, _package.build) == 0) return this;
    return Base::cast(name);
}

// -- before anything runs -----------------------------------------------------------------------------------------------------

int ServiceElement::configure(Vector<String> &words, ErrorHandler *errh) {
    Vector<String> params, configs;
    String clock = "real", build, folder;
    if (Args(words, this, errh)
            .read("STATE", AnyArg(), folder)
            .read("BURST", _burst)
            .read("CLOCK", WordArg(), clock)
            .read("BUILD", WordArg(), build)
            .read("SEED", _seed).read_status(_seeded)
            .read_all("PARAM", StringArg(), params)
            .read_all("CONFIG", StringArg(), configs)
            .complete() < 0)
        return -1;
    // An empty one is none, as in a configuration whose variable nobody has set.
    if (cp_unquote(folder) && !FilenameArg::parse(folder, _folder, Args(this, errh))) return errh->error("STATE is the name of a folder");
    if (_burst < 1 || _burst > CUP_BURST) return errh->error("BURST is a number from 1 to %d", (int)CUP_BURST);
    if (clock != "real" && clock != "packets") return errh->error("CLOCK is `real` or `packets`");
    if (build && build != _package.build)
        return errh->error("this configuration is for build %s of %s, and the package that was loaded is build %s", build.c_str(), class_name(), _package.build);
    _real_clock = clock == "real";
    _fixed = zeros<bool>(_service.config_count);
    if (!_fixed || !cup_settings_begin(&_params, "param", _service.params, _service.param_count, _service.params_size) ||
        !cup_settings_begin(&_configs, "config", _service.configs, _service.config_count, _service.config_size) ||
        !cup_settings_derive(&_configs, &_service))
        return errh->error("there is no memory left");
    for (int i = 0; i < params.size(); i++)
        if (change(_params, params[i], false, errh) < 0) return -1;
    for (int i = 0; i < configs.size(); i++)
        if (change(_configs, configs[i], false, errh) < 0) return -1;
    for (uint32_t i = 0; i < _configs.count; i++) {
        _fixed[i] = _configs.kept[i] != 0;
        free(_configs.kept[i]);
        _configs.kept[i] = 0;
    }
    return 0;
}

bool ServiceElement::make_room() {
    const size_t kernel_size = (_service.kernel_size + CUP_LINE) / CUP_LINE * CUP_LINE;
    const size_t blanks = (size_t)CUP_BURST * _service.copies_per_packet;
    _kernel = aligned_alloc(CUP_LINE, kernel_size);
    if (_kernel) memset(_kernel, 0, kernel_size);
    _outputs.limit = CUP_BURST * _service.outputs_per_packet;
    _outputs.list = zeros<cup_output>(_outputs.limit);
    _outputs.blanks_limit = blanks;
    _outputs.blanks_used = blanks;
    _outputs.blanks = zeros<cup_packet>(blanks);
    _blank_memory = zeros<uint8_t>(blanks * (2 * CUP_HEADROOM + 65536));
    _in = zeros<Traffic>(ninputs());
    _out = zeros<Traffic>(_package.ends);
    _edges_before = zeros<uint64_t>(_service.edge_count);
    _counts = zeros<uint64_t>(_service.edge_count + _service.state_count);
    return _kernel && _outputs.list && _outputs.blanks && _blank_memory && _in && _out && _edges_before && _counts && cup_events_make(&_events, &_service, CUP_EVENTS);
}

int ServiceElement::open_arena(ErrorHandler *errh) {
    cup_arena_reason reason;
    if (!_folder) {
        reason = cup_arena_create(_service.plan, NULL, &_arena);
    } else {
        String path = _folder + "/arena";
        if (mkdir(_folder.c_str(), 0700) != 0 && errno != EEXIST) return errh->error("`%s` cannot be made: %s", _folder.c_str(), strerror(errno));
        reason = cup_arena_attach(_service.plan, path.c_str(), &_arena);
        if (reason == CUP_ARENA_MISSING) reason = cup_arena_create(_service.plan, path.c_str(), &_arena);
    }
    return reason == CUP_ARENA_OK ? 0 : errh->error("%s", _arena.message);
}

void ServiceElement::start_service() {
    _service.start(_kernel, &_arena, _params.image, _configs.image);
    if (_service.divide) _service.divide(_kernel, walk, this);
    if (_service.listen) _service.listen(_kernel, &_events);
    // What captures give is the same each time.
    if (_service.seed && (_seeded || _real_clock)) _service.seed(_kernel, _seeded ? _seed : cup_seed_of_machine());
    _started = true;
}

// All that can fail fails here: `take_state` cannot refuse.
int ServiceElement::initialize(ErrorHandler *errh) {
    char why[CUP_MESSAGE];
    if (_service.admits && !_service.admits(_params.image, why, sizeof why)) return errh->error("%s", why);
    if (!make_room()) return errh->error("there is no memory left");
    ScheduleInfo::initialize_task(this, &_task, false, errh);
    _timer.initialize(this);
    _started_ns = Timestamp::now_steady().nsecval();
    Element *before = hotswap_element();
    const Handover *handover = before ? static_cast<const Handover *>(before->cast(Handover::NAME)) : 0;
    if (handover && handover->arena->base && _folder == handover->folder) {
        load_configs(errh);
        if (check_predecessor(*handover, errh) < 0) return -1;
        _takes_over = true;
        return 0;
    }
    if (open_arena(errh) < 0) return -1;
    load_configs(errh);
    start_service();
    if (_real_clock) _timer.schedule_after_msec(MAINTAIN_MSEC);
    return 0;
}

int ServiceElement::check_predecessor(const Handover &before, ErrorHandler *errh) {
    cup_arena answer;
    if (cup_arena_fits(_service.plan, before.arena, &answer) != CUP_ARENA_OK)
        return errh->error("the state of the running `%s` cannot be taken over: %s", name().c_str(), answer.message);
    take_configs(*before.configs, errh);
    return 0;
}

// What the operator set in earlier runs holds, but for what the configuration sets itself. What does not fit any more is told of.
void ServiceElement::load_configs(ErrorHandler *errh) {
    cup_refusal refusal = cup_refusal();
    if (!_folder) return;
    cup_settings_load(&_configs, _folder.c_str(), _fixed, &refusal);
    for (unsigned i = 0; i < refusal.count && i < CUP_PROBLEMS_SHOWN; i++)
        errh->warning("`%s/config` line %u: %s; the program's value is used", _folder.c_str(), refusal.problems[i].line, refusal.problems[i].text);
}

// The same for what the operator told the element that ran before.
void ServiceElement::take_configs(const cup_settings &before, ErrorHandler *errh) {
    for (uint32_t i = 0; i < before.count; i++) {
        const char *its_name = before.settings[i].name;
        const uint32_t own = cup_settings_find(&_configs, its_name);
        if (!before.kept[i] || own == _configs.count || _fixed[own]) continue;
        if (_configs.kept[own] && strcmp(_configs.kept[own], before.kept[i]) == 0) continue;
        LocalErrorHandler quiet(ErrorHandler::silent_handler());
        if (change(_configs, String(its_name) + " = " + before.kept[i], false, &quiet) < 0)
            errh->warning("`%s` has the program's value again: `%s` does not fit", its_name, before.kept[i]);
    }
}

// -- at the switch ------------------------------------------------------------------------------------------------------------

const Handover *ServiceElement::hand_over() {
    if (!_arena.base) return &_handover;
    count_edges();
    _handover.arena = &_arena;
    _handover.folder = _folder.c_str();
    _handover.build = _package.build;
    _handover.configs = &_configs;
    _handover.edges = _counts;
    _handover.in = _in;
    _handover.out = _out;
    _handover.events = &_events;
    _handover.held = _held;
    _handover.held_ports = _held_ports;
    _handover.held_count = &_held_count;
    return &_handover;
}

void ServiceElement::take_state(Element *before, ErrorHandler *errh) {
    const Handover *handover = static_cast<const Handover *>(before->cast(Handover::NAME));
    if (!_takes_over || !handover || !handover->arena || !handover->arena->base) return;
    take_configs(*handover->configs, errh);
    if (strcmp(handover->build, _package.build) == 0) {
        memcpy(_edges_before, handover->edges, _service.edge_count * sizeof *_edges_before);
        memcpy(_in, handover->in, ninputs() * sizeof *_in);
        memcpy(_out, handover->out, _package.ends * sizeof *_out);
        const cup_events own = _events;
        _events = *handover->events;
        *handover->events = own;
    } else {
        _events.lost = handover->events->lost + handover->events->put - handover->events->taken;
    }
    _arena = *handover->arena;
    memset(handover->arena, 0, sizeof *handover->arena);
    handover->arena->file = -1;
    _arena.fresh = false;
    _arena.header->generation++;
    start_service();
    const unsigned held = *handover->held_count;
    *handover->held_count = 0;
    for (unsigned i = 0; i < held; i++) {
        if (handover->held_ports[i] >= ninputs()) handover->held[i]->kill();
        else hold(handover->held_ports[i], handover->held[i]);
    }
    if (_held_count != 0) _task.reschedule();
    if (_real_clock) _timer.schedule_after_msec(MAINTAIN_MSEC);
}

void ServiceElement::cleanup(CleanupStage) {
    for (unsigned i = 0; i < _held_count; i++) _held[i]->kill();
    _held_count = 0;
    _started = false;
    cup_arena_close(&_arena);
}

void ServiceElement::run_timer(Timer *) {
    if (_started) _service.maintain(_kernel, Timestamp::now().nsecval());
    _timer.reschedule_after_msec(MAINTAIN_MSEC);
}

} // namespace cup

CLICK_ENDDECLS
