// The way of packets: held, through the kernel, and on. See service_element.hh.
#include "cup/click/service_element.hh"

#include <click/packet_anno.hh>

CLICK_DECLS

namespace cup {

enum { BLANK_SIZE = 2 * CUP_HEADROOM + 65536 };

// Puts a packet behind those that wait; false where there was no memory to make its bytes its own, and it is gone.
bool ServiceElement::hold(int port, Packet *packet) {
    uint32_t head = 0, tail = 0;
    if (_package.writes) {
        packet = packet->uniqueify();
        if (!packet) return false;
        head = packet->headroom();
        tail = packet->tailroom();
    }
    cup_packet &held = _held[_held_count];
    held.data = const_cast<unsigned char *>(packet->data());
    held.length = packet->length();
    held.room = held.length + tail;
    held.time_ns = packet->timestamp_anno() ? (uint64_t)packet->timestamp_anno().nsecval() : 0;
    held.device = _service.inputs[port].device;
    held.flags = 0;
    held.head = head;
    held.shell = packet;
    if (EXTRA_LENGTH_ANNO(packet)) {
        held.flags = CUP_PACKET_CUT;
        _cut++;
    }
    _in[port].packets++;
    _in[port].bytes += held.length;
    _held_ports[_held_count++] = port;
    return true;
}

void ServiceElement::push(int port, Packet *packet) {
    if (!hold(port, packet)) return;
    if (_held_count >= _burst) flush();
    else if (_held_count == 1) _task.reschedule();
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
        if (hold(port, packet) && _held_count == CUP_BURST) flush();
    }
    if (_held_count != 0) flush();
}
#endif

// What was pushed on may come back at once: nothing of the burst is looked at any more when the first packet leaves.
void ServiceElement::flush() {
    const unsigned count = _held_count;
    const unsigned most = count * _service.outputs_per_packet;
    Packet **packets = static_cast<Packet **>(__builtin_alloca((most + 1) * sizeof(Packet *)));
    int *ports = static_cast<int *>(__builtin_alloca((most + 1) * sizeof(int)));
    uint64_t now = 0;
    for (unsigned i = 0; i < count; i++) {
        if (_held[i].time_ns == 0) {
            if (now == 0) now = Timestamp::now().nsecval();
            _held[i].time_ns = now;
        }
        if (_held[i].time_ns > _time_ns) _time_ns = _held[i].time_ns;
    }
    renew_blanks();
    _outputs.count = 0;
    _service.burst(_kernel, _held, count, &_outputs);
    _service.maintain(_kernel, _time_ns);
    const unsigned leaving = take_leaving(packets, ports);
    for (unsigned i = 0; i < count; i++)
        if (_held[i].shell) static_cast<Packet *>(_held[i].shell)->kill();
    _held_count = 0;
    send(packets, ports, leaving);
}

// Click's packets for the outputs, in order. Those of the burst that leave have no shell afterwards.
unsigned ServiceElement::take_leaving(Packet **packets, int *ports) {
    unsigned count = 0;
    for (uint32_t i = 0; i < _outputs.count; i++) {
        const cup_output &output = _outputs.list[i];
        bool leaves_again = false;
        if (_service.outputs_per_packet > 1)
            for (uint32_t k = i + 1; k < _outputs.count; k++) leaves_again = leaves_again || _outputs.list[k].packet == output.packet;
        Packet *packet = packet_of(output, leaves_again);
        if (!packet) continue;
        _out[output.device].packets++;
        _out[output.device].bytes += output.packet->length;
        packets[count] = packet;
        ports[count++] = _package.output_ports[output.device];
    }
    return count;
}

// Click's packet for an output, with the bytes that the kernel left; NULL where there is no memory for it.
inline Packet *ServiceElement::packet_of(const cup_output &output, bool leaves_again) {
    cup_packet &made = *output.packet;
    Packet *packet = static_cast<Packet *>(made.shell);
    if (&made >= _outputs.blanks && &made < _outputs.blanks + _outputs.blanks_limit) {
        WritablePacket *fresh = Packet::make(Packet::default_headroom, made.data, made.length, 0);
        if (fresh && packet) fresh->copy_annotations(packet);
        return fresh;
    }
    if (_package.writes && (made.data != packet->data() || made.length != packet->length())) {
        const int before = packet->data() - made.data;
        WritablePacket *own = static_cast<WritablePacket *>(packet); // made so when it was held
        if (before > 0) packet = own->push(before);
        else if (before < 0) own->pull(-before);
        if (made.length > packet->length()) packet = packet->put(made.length - packet->length());
        else packet->take(packet->length() - made.length);
        made.shell = packet;
    }
    if (leaves_again) return packet->clone();
    made.shell = NULL;
    return packet;
}

void ServiceElement::send(Packet **packets, const int *ports, unsigned count) {
#if HAVE_BATCH
    if (in_batch_mode == BATCH_MODE_YES) {
        for (int port = 0; port < noutputs(); port++) {
            PacketBatch *batch = 0;
            for (unsigned i = 0; i < count; i++) {
                if (ports[i] != port) continue;
                if (batch) batch->append_packet(packets[i]);
                else batch = PacketBatch::make_from_packet(packets[i]);
            }
            if (batch) output_push_batch(port, batch);
        }
        return;
    }
#endif
    for (unsigned i = 0; i < count; i++) output(ports[i]).push(packets[i]);
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
