/* The ring of events: order, what does not fit, and the lines. */
#include "check.h"
#include "cup/events.h"
#include "cup/prefix_set.h"

static const struct cup_service_event kinds[] = {{"Small", "(a:u8)"}, {"Large", "(a:u64,b:ip_address)"}};

static struct cup_service service_of(uint32_t count) {
    struct cup_service service;
    memset(&service, 0, sizeof service);
    service.events = kinds;
    service.event_count = count;
    return service;
}

static void test_ring(void) {
    struct cup_service service = service_of(2);
    struct cup_events events;
    char text[256], cut[20];
    CHECK(cup_events_make(&events, &service, 4) && events.stride == 16 + 32);
    CHECK(cup_events_first(&events) == NULL);
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < 6; i++) {
            uint8_t *image = cup_events_put(&events, 0, 10 * i);
            CHECK((image != NULL) == (i < 4));
            if (image != NULL) *image = (uint8_t)(round + i);
        }
        CHECK(events.lost == 2 * (round + 1));
        for (unsigned i = 0; i < 4; i++) {
            const struct cup_event *event = cup_events_first(&events);
            CHECK(event != NULL && event->time_ns == 10 * i && *(const uint8_t *)(event + 1) == round + i);
            cup_events_pass(&events);
        }
        CHECK(cup_events_first(&events) == NULL);
    }
    uint8_t *image = cup_events_put(&events, 1, 7);
    CHECK(image != NULL);
    cup_store64(image, 1500);
    memset(image + 8, 0, 17);
    image[8] = 10;
    image[8 + 16] = CUP_IPV4;
    const char *wanted = "{\"time_ns\": 7, \"event\": \"Large\", \"fields\": {\"a\": 1500, \"b\": \"10.0.0.0\"}}";
    CHECK(cup_event_json(&service, cup_events_first(&events), text, sizeof text) == strlen(wanted));
    CHECK_TEXT(text, wanted);
    CHECK(cup_event_json(&service, cup_events_first(&events), cut, sizeof cut) == strlen(wanted) && strlen(cut) < sizeof cut);
    cup_events_free(&events);
}

static void test_without(void) {
    struct cup_service service = service_of(0);
    struct cup_events events;
    CHECK(cup_events_make(&events, &service, 4) && events.slots == NULL);
    CHECK(cup_events_first(&events) == NULL && cup_events_put(NULL, 0, 0) == NULL);
    cup_events_free(&events);
}

int main(void) {
    test_ring();
    test_without();
    return 0;
}
