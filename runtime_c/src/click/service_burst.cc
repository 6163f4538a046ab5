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

// Kernel's packets for those that are held; how many. One whose bytes cannot be made its own for want of memory is gone.
inline unsigned ServiceElement::take_held(cup_packet *packets) {
    unsigned count = 0;
    uint64_t now = 0, latest = _time_ns;
    for (unsigned i = 0; i < _held_count; i++) {
        Packet *packet = _held[i];
        const int port = _held_ports[i];
        cup_packet &made = packets[count];
        made.head = made.room = 0;
        if (_package.writes) {
            packet = packet->headroom() < _package.front ? with_room(packet) : packet->uniqueify();
            if (!packet) continue;
            made.head = packet->headroom();
            made.room = packet->tailroom();
        }
        count++;
        made.shell = packet;
        made.data = const_cast<unsigned char *>(packet->data());
        made.length = packet->length();
        made.room += made.length;
        made.device = _service.inputs[port].device;
        made.flags = EXTRA_LENGTH_ANNO(packet) ? CUP_PACKET_CUT : 0;
        _cut += made.flags != 0 && !is_return(port);
        made.time_ns = packet->timestamp_anno().nsecval();
        if (made.time_ns == 0) {
            if (now == 0) now = Timestamp::now().nsecval();
            made.time_ns = now;
        }
        if (made.time_ns > latest) latest = made.time_ns;
        _in[port].packets++;
        _in[port].bytes += made.length;
    }
    _time_ns = latest;
    _held_count = 0;
    return count;
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
    Packet **leaving = static_cast<Packet **>(__builtin_alloca((most + 1) * sizeof(Packet *)));
    int *ports = static_cast<int *>(__builtin_alloca((most + 1) * sizeof(int)));
    if (_outputs.blanks_used != 0) renew_blanks();
    _outputs.count = 0;
    _service.burst(_kernel, packets, count, &_outputs);
    _service.maintain(_kernel, _time_ns);
    const unsigned leaving_count = take_leaving(leaving, ports);
    for (unsigned i = 0; i < count; i++)
        if (!(packets[i].flags & LEAVES)) static_cast<Packet *>(packets[i].shell)->kill();
    send(leaving, ports, leaving_count);
}

// What goes from atom to atom stands for the packet, which stays in the kernel's hands: whatever becomes of it on the way, nothing is lost
// but that packet. Its way is at its end when `push` returns.
uint16_t ServiceElement::walk(void *element, const cup_packet *packet, uint32_t entry) {
    ServiceElement &service = *static_cast<ServiceElement *>(element);
    Packet *token = static_cast<Packet *>(packet->shell)->clone();
    if (!token) return CUP_NO_DEVICE;
    service._walking = token;
    service._leaves_by = CUP_NO_DEVICE;
    service.output(service._package.entry_port + entry).push(token);
    service._walking = 0;
    return service._leaves_by;
}

// Click's packets for the outputs, in order. Those of the burst that leave are marked.
inline unsigned ServiceElement::take_leaving(Packet **packets, int *ports) {
    const bool once = _service.outputs_per_packet == 1 && _service.copies_per_packet == 0;
    unsigned count = 0;
    for (uint32_t i = 0; i < _outputs.count; i++) {
        const cup_output &output = _outputs.list[i];
        Packet *packet = static_cast<Packet *>(output.packet->shell);
        if (once && output.packet->data == packet->data() && output.packet->length == packet->length()) output.packet->flags |= LEAVES;
        else packet = packet_of(*output.packet);
        if (!packet) continue;
        _out[output.device].packets++;
        _out[output.device].bytes += output.packet->length;
        packets[count] = packet;
        ports[count++] = _package.output_ports[output.device];
    }
    return count;
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
inline void ServiceElement::send(Packet **packets, const int *ports, unsigned count) {
    PacketRun leaving(*this);
    _sending++;
    for (unsigned i = 0; i < count; i++) {
        if (i != 0 && ports[i] != ports[i - 1]) {
            leaving.send();
            if (_held_count != 0) flush();
        }
        leaving.push(ports[i], packets[i]);
    }
    leaving.send();
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
