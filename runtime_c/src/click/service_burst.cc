// The way of packets: held, through the kernel, and on. See service_element.hh.
#include "cup/click/service_element.hh"

#include <click/packet_anno.hh>

CLICK_DECLS

namespace cup {

enum {
    BLANK_SIZE = 2 * CUP_HEADROOM + 65536,
    LEAVES = 1 << 15 // our own bit in the flags of a kernel's packet: its shell is on its way out
};

void ServiceElement::push(int port, Packet *packet) {
    const unsigned held = hold(port, packet); // asked of a local: read again with what lies beside it, it would wait for its own write
    if (held >= _burst) flush();
    else if (held == 1 && _sending == 0) _task.reschedule();
}

bool ServiceElement::run_task(Task *) {
    if (_held_count == 0) return false;
    flush();
    return true;
}

#if HAVE_BATCH
void ServiceElement::push_batch(int port, PacketBatch *batch) {
    if (_held_count != 0) flush();
    FOR_EACH_PACKET_SAFE(batch, packet) {
        hold(port, packet);
        if (_held_count == CUP_BURST) flush();
    }
    if (_held_count != 0) flush();
}
#endif

// The packet as our own, with room before it for what the kernel may put there; NULL where there is no memory for it.
Packet *ServiceElement::with_room(Packet *packet) {
    Packet *wide = packet->shift_data((int)(_package.front - packet->headroom())); // push() would tell of each one
    return wide ? wide->uniqueify() : NULL;
}

// Kernel's packets for those that are held; how many. One whose bytes cannot be made its own for want of memory is gone. What a packet
// is written to could be part of this element, for all that a compiler knows: it is read once.
inline unsigned ServiceElement::take_held(cup_packet *packets) {
    const bool writes = _package.writes;
    const uint32_t front = _package.front;
    const cup_service_input *const inputs = _service.inputs;
    const unsigned held = _held_count;
    Traffic *const in = _in;
    cup_packet *next = packets;
    uint64_t now = 0, latest = _time_ns;
    for (unsigned i = 0; i < held; i++) {
        Packet *packet = _held[i];
        const int port = _held_ports[i];
        uint32_t head = 0, behind = 0;
        if (writes) {
            if (packet->headroom() < front) packet = with_room(packet);
            else if (packet->shared()) packet = packet->uniqueify();
            if (!packet) continue;
            head = packet->headroom();
            behind = packet->tailroom();
        }
        const uint32_t length = packet->length();
        uint64_t time_ns = packet->timestamp_anno().nsecval();
        if (time_ns == 0) {
            if (now == 0) now = Timestamp::now().nsecval();
            time_ns = now;
        }
        if (time_ns > latest) latest = time_ns;
        uint16_t flags = 0;
        if (EXTRA_LENGTH_ANNO(packet)) {
            flags = CUP_PACKET_CUT;
            _cut += !is_return(port);
        }
        next->data = const_cast<unsigned char *>(packet->data());
        next->length = length;
        next->room = behind + length;
        next->time_ns = time_ns;
        next->device = inputs[port].device;
        next->flags = flags;
        next->head = head;
        next->shell = packet;
        next++;
        in[port].packets++;
        in[port].bytes += length;
    }
    _time_ns = latest;
    _held_count = 0;
    return (unsigned)(next - packets);
}

// What is pushed on may come back at once: nothing of the burst is looked at any more when the first packet leaves.
void ServiceElement::flush() {
    if (_walking) { // what stands among atoms makes packets, and there is no room for more of them
        _held[--_held_count]->kill();
        return;
    }
    cup_packet packets[CUP_BURST];
    const unsigned count = take_held(packets);
    const unsigned most = count * _service.outputs_per_packet;
    Leaving *leaving = static_cast<Leaving *>(__builtin_alloca((most + 1) * sizeof(Leaving)));
    if (_outputs.blanks_used != 0) renew_blanks();
    _outputs.count = 0;
    _service.burst(_kernel, packets, count, &_outputs);
    _service.maintain(_kernel, _time_ns);
    const bool all = _leaves_whole && _outputs.count == count;
    const unsigned leaving_count = take_leaving(leaving, all);
    if (!all)
        for (unsigned i = 0; i < count; i++)
            if (!(packets[i].flags & LEAVES)) static_cast<Packet *>(packets[i].shell)->kill();
    send(leaving, leaving_count);
}

// What goes from atom to atom stands for the packet, which stays in the kernel's hands: whatever becomes of it on the way, nothing is lost
// but that packet. Its way is at its end when `push` returns.
uint16_t ServiceElement::walk(void *element, const cup_packet *packet, uint32_t entry) {
    ServiceElement &service = *static_cast<ServiceElement *>(element);
    Packet *shell = static_cast<Packet *>(packet->shell); // none of a packet that the service made
    Packet *token = shell ? shell->clone() : Packet::make(Packet::default_headroom, packet->data, packet->length, 0);
    if (!token) return CUP_NO_DEVICE;
    service._walking = token;
    service._leaves_by = CUP_NO_DEVICE;
    service.output(service._package.entry_port + entry).push(token);
    service._walking = 0;
    return service._leaves_by;
}

// Click's packets for the outputs, in order. Those of the burst that leave are marked, unless `all` do, as they came.
inline unsigned ServiceElement::take_leaving(Leaving *leaving, bool all) {
    const unsigned outputs = _outputs.count;
    const cup_output *const list = _outputs.list;
    const int *const ports = _package.output_ports;
    Traffic *const out = _out;
    Leaving *next = leaving;
    for (unsigned i = 0; i < outputs; i++) {
        cup_packet &made = *list[i].packet;
        const unsigned device = list[i].device;
        Packet *packet = static_cast<Packet *>(made.shell);
        if (!all && !(packet = packet_of(made))) continue;
        out[device].packets++;
        out[device].bytes += made.length;
        next->packet = packet;
        next->port = ports[device];
        next++;
    }
    return (unsigned)(next - leaving);
}

// Click's packet for an output, with the bytes that the kernel left; NULL where there is no memory for it.
Packet *ServiceElement::packet_of(cup_packet &made) {
    Packet *packet = static_cast<Packet *>(made.shell);
    if (&made >= _outputs.blanks && &made < _outputs.blanks + _outputs.blanks_limit) {
        WritablePacket *fresh = Packet::make(Packet::default_headroom, made.data, made.length, 0);
        if (fresh && packet) fresh->copy_annotations(packet);
        if (fresh) fresh->set_timestamp_anno(Timestamp::make_nsec(made.time_ns));
        return fresh;
    }
    if (made.flags & LEAVES) return packet ? packet->clone() : 0;
    made.flags |= LEAVES;
    if (_package.writes && (made.data != packet->data() || made.length != packet->length())) {
        const int before = packet->data() - made.data;
        WritablePacket *own = static_cast<WritablePacket *>(packet); // made so when it was taken
        if (before > 0) packet = own->push(before);
        else if (before < 0) own->pull(-before);
        if (made.length > packet->length()) packet = packet->put(made.length - packet->length());
        else packet->take(packet->length() - made.length);
        made.shell = packet;
    }
    return packet;
}

// What a native element gives back at once goes on before a packet leaves by another port, so that a packet that goes by an element does
// not fall behind one that does not.
inline void ServiceElement::send(const Leaving *leaving, unsigned count) {
    PacketRun run(*this);
    const Leaving *const end = leaving + count;
    const bool to_elements = _package.ends > _service.device_count;
    int port = count != 0 ? leaving->port : 0;
    _sending++;
    for (; leaving != end; leaving++) {
        if (to_elements && leaving->port != port) {
            port = leaving->port;
            run.send();
            if (_held_count != 0) flush();
        }
        run.push(leaving->port, leaving->packet);
    }
    run.send();
    if (_held_count != 0) flush();
    _sending--;
}

void ServiceElement::renew_blanks() {
    for (uint32_t i = 0; i < _outputs.blanks_used; i++) {
        cup_packet &blank = _outputs.blanks[i];
        blank.data = _blank_memory + (size_t)i * BLANK_SIZE + CUP_HEADROOM;
        blank.head = CUP_HEADROOM;
        blank.room = BLANK_SIZE - CUP_HEADROOM;
    }
    _outputs.blanks_used = 0;
}

} // namespace cup

CLICK_ENDDECLS
