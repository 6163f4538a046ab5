// What an element tells, and what an operator may change. See service_element.hh.
//
// Handlers are generic, so that they stay the same from version to version: `state NAME` and `config NAME` take a name; `NAME.size`,
// `NAME.count` and `config.NAME` are there besides. Texts are lines.
#include "cup/click/service_element.hh"

#include "batch.h"

#include <click/error.hh>
#include <click/straccum.hh>

#include <stdlib.h>

CLICK_DECLS

namespace cup {

enum { SERVICE, VERSION, BUILD, GENERATION, SCHEMA, STATES, EDGES, DROPS, DEVICES, CONFIG, CONFIG_TYPES, REPORT, FINAL_REPORT, EVENTS, EVENTS_LOST, OUTSTANDING };

static ServiceElement *service_of(Element *element) { return static_cast<ServiceElement *>(element); }

void ServiceElement::add_handlers() {
    static const struct {
        const char *name;
        int what;
    } texts[] = {
        {"service", SERVICE}, {"version", VERSION}, {"build", BUILD}, {"generation", GENERATION}, {"schema", SCHEMA}, {"states", STATES},
        {"edges", EDGES}, {"drops", DROPS}, {"devices", DEVICES}, {"config_types", CONFIG_TYPES}, {"report", REPORT}, {"final_report", FINAL_REPORT},
        {"events", EVENTS}, {"events_lost", EVENTS_LOST},
        {"outstanding", OUTSTANDING},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) add_read_handler(texts[i].name, read_text, texts[i].what);
    set_handler("state", Handler::f_read | Handler::f_read_param, ask);
    set_handler("config", Handler::f_read | Handler::f_read_param | Handler::f_write, ask);
    add_write_handler("flush", write_flush, 0);
    for (uint32_t i = 0; i < _service.state_count; i++)
        add_read_handler(String(_service.states[i].name) + (strcmp(_service.states[i].kind, "size") == 0 ? ".size" : ".count"), read_state, i);
    for (uint32_t i = 0; i < _service.config_count; i++) {
        add_read_handler(String("config.") + _service.configs[i].name, read_config, i);
        add_write_handler(String("config.") + _service.configs[i].name, write_config, i);
    }
}

// -- reading ------------------------------------------------------------------------------------------------------------------

// Into `_counts`: over each edge, with what predecessors counted.
void ServiceElement::count_edges() {
    memset(_counts, 0, _service.edge_count * sizeof *_counts);
    if (_started) _service.edge_counts(_kernel, _counts);
    for (uint32_t i = 0; i < _service.edge_count; i++) _counts[i] += _edges_before[i];
}

// Into `_counts`: what each state holds now, without what has expired.
void ServiceElement::count_states() {
    memset(_counts, 0, _service.state_count * sizeof *_counts);
    if (!_started) return;
    if (_real_clock) _service.expire(_kernel, Timestamp::now().nsecval());
    _service.state_counts(_kernel, _counts);
}

Traffic ServiceElement::in_of(uint32_t device) const {
    Traffic all = Traffic();
    for (int port = 0; port < ninputs(); port++) {
        if (_service.inputs[port].device != device) continue;
        all.packets += _in[port].packets;
        all.bytes += _in[port].bytes;
    }
    return all;
}

int64_t ServiceElement::outstanding() const {
    int64_t packets = _held_count;
    for (uint32_t end = _service.device_count; end < _package.ends; end++) packets += _out[end].packets;
    for (int port = 0; port < ninputs(); port++)
        if (is_return(port)) packets -= _in[port].packets;
    return packets;
}

String ServiceElement::text_of(int what) {
    StringAccum text;
    switch (what) {
    case SERVICE: text << _service.name; break;
    case VERSION: text << _service.version; break;
    case BUILD: text << _package.build; break;
    case GENERATION: text << (_arena.header ? (uint64_t)_arena.header->generation : 0); break;
    case SCHEMA: text << _service.plan->schema_text; break;
    case STATES:
        count_states();
        for (uint32_t i = 0; i < _service.state_count; i++) text << _service.states[i].name << ' ' << _service.states[i].kind << ' ' << _counts[i] << '\n';
        break;
    case EDGES:
        count_edges();
        for (uint32_t i = 0; i < _service.edge_count; i++)
            text << _service.edges[i].from << '[' << _service.edges[i].port << "] -> " << _service.edges[i].to << ' ' << _counts[i] << '\n';
        break;
    case DROPS:
        count_edges();
        for (uint32_t i = 0; i < _service.edge_count; i++)
            if (_service.edges[i].drops) text << _service.edges[i].from << '[' << _service.edges[i].port << "] " << _counts[i] << '\n';
        break;
    case DEVICES:
        for (uint32_t i = 0; i < _service.device_count; i++) {
            const Traffic in = in_of(i);
            text << _service.devices[i].param << ' ' << in.packets << ' ' << in.bytes << ' ' << _out[i].packets << ' ' << _out[i].bytes << '\n';
        }
        break;
    case CONFIG:
        for (uint32_t i = 0; i < _configs.count; i++) text << _configs.settings[i].name << " = " << _configs.texts[i] << '\n';
        break;
    case CONFIG_TYPES:
        for (uint32_t i = 0; i < _configs.count; i++) text << _configs.settings[i].name << ' ' << _configs.settings[i].type << '\n';
        break;
    case EVENTS: return take_events();
    case EVENTS_LOST: text << _events.lost; break;
    case OUTSTANDING: text << outstanding(); break;
    case FINAL_REPORT:
        if (_started && _held_count != 0) flush();
        return report(true);
    default: return report(false);
    }
    return text.take_string();
}

// All that have been reported and not taken, a line each.
String ServiceElement::take_events() {
    StringAccum lines;
    char *line = static_cast<char *>(malloc(CUP_EVENT_LINE));
    while (const cup_event *event = line ? cup_events_first(&_events) : 0) {
        if (cup_event_json(&_service, event, line, CUP_EVENT_LINE) < CUP_EVENT_LINE) lines << line << '\n';
        else _events.lost++;
        cup_events_pass(&_events);
    }
    free(line);
    return lines.take_string();
}

String ServiceElement::read_text(Element *element, void *what) { return service_of(element)->text_of((intptr_t)what); }

String ServiceElement::read_state(Element *element, void *state) {
    ServiceElement *own = service_of(element);
    own->count_states();
    return String(own->_counts[(intptr_t)state]);
}

String ServiceElement::read_config(Element *element, void *config) { return service_of(element)->_configs.texts[(intptr_t)config]; }

// `state NAME`, `config NAME`; `config` alone is all of it, and can be written.
int ServiceElement::ask(int operation, String &text, Element *element, const Handler *handler, ErrorHandler *errh) {
    ServiceElement *own = service_of(element);
    const cup_service &service = own->_service;
    if (operation == Handler::f_write) return own->change(own->_configs, text, true, errh);
    const String asked = text.trim_space();
    if (handler->name() == "config") {
        const uint32_t config = cup_settings_find(&own->_configs, asked.c_str());
        if (asked && config == own->_configs.count) return errh->error("there is no config `%s`", asked.c_str());
        text = asked ? String(own->_configs.texts[config]) : own->text_of(CONFIG);
        return 0;
    }
    for (uint32_t i = 0; i < service.state_count; i++) {
        if (asked != service.states[i].name) continue;
        text = read_state(own, (void *)(intptr_t)i);
        return 0;
    }
    return errh->error("there is no state `%s`", asked.c_str());
}

// -- the report: as cup/native.h has it -----------------------------------------------------------------------------------------

static void append_text(StringAccum &json, const char *text) {
    json << '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') json << '\\';
        if ((unsigned char)*text < ' ') json.snprintf(8, "\\u%04x", (unsigned)(unsigned char)*text);
        else json << *text;
    }
    json << '"';
}

String ServiceElement::report(bool final) {
    StringAccum json;
    uint64_t packets = 0;
    for (int i = 0; i < ninputs(); i++) packets += is_return(i) ? 0 : _in[i].packets;
    json << "{\"final\": " << (final ? "true" : "false") << ", \"service\": ";
    append_text(json, _service.name);
    json << ", \"version\": " << _service.version << ", \"packets\": " << packets << ", \"cut\": " << _cut << ", \"time_ns\": " << _time_ns
         << ", \"elapsed_ns\": " << (uint64_t)Timestamp::now_steady().nsecval() - _started_ns << ", \"devices\": {";
    for (uint32_t i = 0; i < _service.device_count; i++) {
        const Traffic in = in_of(i);
        if (i != 0) json << ", ";
        append_text(json, _service.devices[i].param);
        json << ": {\"in_packets\": " << in.packets << ", \"in_bytes\": " << in.bytes << ", \"out_packets\": " << _out[i].packets
             << ", \"out_bytes\": " << _out[i].bytes << '}';
    }
    json << "}, \"states\": {";
    count_states();
    for (uint32_t i = 0; i < _service.state_count; i++) {
        if (i != 0) json << ", ";
        append_text(json, _service.states[i].name);
        json << ": " << _counts[i];
    }
    json << "}, \"edges\": [";
    count_edges();
    for (uint32_t i = 0; i < _service.edge_count; i++) {
        json << (i == 0 ? "{\"from\": " : ", {\"from\": ");
        append_text(json, _service.edges[i].from);
        json << ", \"port\": ";
        append_text(json, _service.edges[i].port);
        json << ", \"to\": ";
        append_text(json, _service.edges[i].to);
        json << ", \"packets\": " << _counts[i] << (_service.edges[i].drops ? ", \"drops\": true}" : "}");
    }
    json << ']';
    if (_service.event_count != 0) json << ", \"events_lost\": " << _events.lost;
    json << "}\n";
    return json.take_string();
}

// -- changing -----------------------------------------------------------------------------------------------------------------

// A whole batch or nothing, kept where there is a folder. A kernel that runs takes the new values between packets.
int ServiceElement::change(cup_settings &settings, const String &lines, bool kept, ErrorHandler *errh) {
    cup_settings next;
    cup_refusal refusal = cup_refusal();
    bool fine = cup_settings_change(&settings, lines.data(), lines.length(), &next, &refusal);
    if (fine && kept && _folder && !cup_settings_keep(&next, &_service, _folder.c_str(), &refusal)) {
        cup_settings_free(&next);
        fine = false;
    }
    for (unsigned i = 0; i < refusal.count && i < CUP_PROBLEMS_SHOWN; i++) {
        if (refusal.problems[i].line) errh->error("line %u: %s", refusal.problems[i].line, refusal.problems[i].text);
        else errh->error("%s", refusal.problems[i].text);
    }
    if (!fine) return -1;
    if (_started) {
        if (_held_count != 0) flush();
        _service.configure(_kernel, next.image);
    }
    cup_settings_free(&settings);
    settings = next;
    return 0;
}

// One value; a batch comes by `ask`.
int ServiceElement::write_config(const String &text, Element *element, void *config, ErrorHandler *errh) {
    ServiceElement *own = service_of(element);
    cup_refusal refusal = cup_refusal();
    char *value = cup_batch_text(text.data(), text.length(), &refusal);
    if (!value) return errh->error("%s", refusal.problems[0].text);
    cup_onto_one_line(value); // a value may take several lines, and is not followed by another
    const String line = String(own->_configs.settings[(intptr_t)config].name) + " = " + value;
    free(value);
    return own->change(own->_configs, line, true, errh);
}

int ServiceElement::write_flush(const String &, Element *element, void *, ErrorHandler *) {
    ServiceElement *own = service_of(element);
    if (own->_started && own->_held_count != 0) own->flush();
    return 0;
}

} // namespace cup

CLICK_ENDDECLS
