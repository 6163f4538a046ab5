// One atom of a service: see atom_element.hh.
#include "cup/click/atom_element.hh"

#include <click/args.hh>
#include <click/error.hh>
#include <click/router.hh>

CLICK_DECLS

namespace cup {

AtomElement::AtomElement(const Package &package) : _package(package), _service(0), _node(0), _count(0) {}

// `""` is where packets are dropped.
int AtomElement::configure(Vector<String> &words, ErrorHandler *errh) {
    String service, atom;
    if (Args(words, this, errh).read_mp("SERVICE", WordArg(), service).read_mp("ATOM", StringArg(), atom).complete() < 0) return -1;
    Element *found = router()->find(service, this, errh);
    if (!found) return -1;
    _service = static_cast<ServiceElement *>(found->cast(_package.build));
    if (!_service) return errh->error("`%s` is no service of this package", service.c_str());
    int ports = 0;
    for (_node = 0; atom && _node < _package.atom_count; _node++) {
        ports = _package.atoms[_node].ports;
        if (atom == _package.atoms[_node].name) break;
    }
    if (atom && _node == _package.atom_count) return errh->error("the service has no atom `%s` of its own", atom.c_str());
    if (!atom) _node = _package.atom_count;
    return noutputs() == ports ? 0 : errh->error("the atom `%s` has %d output ports, and %d are connected", atom.c_str(), ports, noutputs());
}

void AtomElement::push(int, Packet *packet) {
    if (!_service->leads(packet)) {
        packet->kill();
        return;
    }
    _count++;
    const uint32_t way = _node == _package.atom_count ? CUP_NO_DEVICE : _service->step(_node);
    if (way < static_cast<uint32_t>(noutputs())) {
        output(way).push(packet);
        return;
    }
    if (noutputs() == 0) _service->leave(static_cast<uint16_t>(way));
    packet->kill();
}

String AtomElement::read_count(Element *element, void *) { return String(static_cast<AtomElement *>(element)->_count); }

void AtomElement::add_handlers() { add_read_handler("count", read_count); }

} // namespace cup

CLICK_ENDDECLS
