/* Batches of settings: all of one or nothing, and what is kept of them in the folder that the first argument names. */
#include "cup/settings.h"

#include "check.h"
#include "batch.h"

struct image {
    struct cup_prefix_set allowed;
    uint64_t most;
    uint8_t on;
    uint8_t name[14];
};

static const struct cup_service_setting SETTINGS[] = {
    {"allowed", "set<ip_prefix>", "[10.0.0.0/8]", offsetof(struct image, allowed)},
    {"most", "size", "5kB", offsetof(struct image, most)},
    {"on", "bool", "false", offsetof(struct image, on)},
    {"name", "bytes max 12", "\"none\"", offsetof(struct image, name)},
};
static struct cup_service service;

static struct cup_settings begun(void) {
    struct cup_settings made;
    CHECK(cup_settings_begin(&made, "config", SETTINGS, 4, sizeof(struct image)));
    return made;
}

static void change(struct cup_settings *now, const char *text) {
    struct cup_settings next;
    struct cup_refusal refusal = {0};
    CHECK(cup_settings_change(now, text, strlen(text), &next, &refusal) && refusal.count == 0);
    cup_settings_free(now);
    *now = next;
}

static void refused(const struct cup_settings *now, const char *text, unsigned line, const char *message) {
    struct cup_settings next;
    struct cup_refusal refusal = {0};
    CHECK(!cup_settings_change(now, text, strlen(text), &next, &refusal) && next.image == NULL);
    CHECK(refusal.problems[0].line == line);
    CHECK_TEXT(refusal.problems[0].text, message);
}

static void test_changes(void) {
    struct cup_settings now = begun();
    const struct image *image = (const struct image *)now.image;
    CHECK(image->most == 5000 && !image->on && cup_prefix_set_has4(&image->allowed, 0x0a000001));
    refused(&now, "on = true\n\nmost = 1 day", 3, "`most`: `1` is not a size such as `1500B` or `64KiB`");
    refused(&now, "on = true\non = false", 2, "`on` is set twice in this batch");
    refused(&now, "# mine\nof = true", 2, "there is no config `of`");
    refused(&now, "on : u8 = 1", 1, "`on` is of type `bool`, not `u8`");
    refused(&now, "allowed = [10.0.0.0/8,\n  10.0.0.0/99]", 2, "`allowed`: `10.0.0.0/99` has a length that is not between 0 and 32");
    refused(&now, "what\n", 1, "`what` is not of the form `NAME = VALUE`");
    CHECK(image == now.image);
    change(&now, "");
    change(&now, "most = 7kB\r\nallowed = [192.168.0.0/16,  // the house\n 10.1.0.0/16]");
    image = (const struct image *)now.image;
    CHECK(image->most == 7000 && !cup_prefix_set_has4(&image->allowed, 0x0a000001) && cup_prefix_set_has4(&image->allowed, 0x0a010001));
    CHECK_TEXT(now.texts[0], "[192.168.0.0/16, 10.1.0.0/16]");
    CHECK(now.kept[0] != NULL && now.kept[1] != NULL && now.kept[2] == NULL);
    cup_settings_free(&now);
    cup_settings_free(&now);
}

/* What stands in a text is no comment, no end of a list, and no blank too many. */
static void test_texts(void) {
    struct cup_settings now = begun();
    change(&now, "name = \"a  // b\"  // c\nmost = 1B");
    CHECK_TEXT(now.texts[3], "\"a  // b\"");
    CHECK(memcmp(((const struct image *)now.image)->name, "a  // b\0\0\0\0\0\7\0", 14) == 0);
    change(&now, "name = \"[ \\\" #\"\non = true");
    CHECK_TEXT(now.texts[3], "\"[ \\\" #\"");
    change(&now, "# \"quoted\nname = hex\"5b  5d\"");
    CHECK_TEXT(now.texts[3], "hex\"5b  5d\"");
    refused(&now, "on = false\nname = \"x\nmost = 2B", 2, "`name`: `\"x` does not end with a quote");
    refused(&now, "name = \"[\nmost = 0", 1, "`name`: `\"[` does not end with a quote");
    cup_settings_free(&now);
}

static void test_keeping(const char *folder) {
    const bool fixed[] = {false, true, false};
    struct cup_refusal refusal = {0};
    struct cup_settings now = begun(), later = begun();
    service.name = "toy";
    service.version = 3;
    CHECK(cup_settings_load(&later, folder, NULL, &refusal) && refusal.count == 0);
    change(&now, "most = 7kB\nallowed = []");
    CHECK(cup_settings_keep(&now, &service, folder, &refusal) && refusal.count == 0);
    CHECK(cup_settings_load(&later, folder, fixed, &refusal) && refusal.count == 0);
    CHECK_TEXT(later.texts[0], "[]");
    CHECK_TEXT(later.texts[1], "5kB");
    CHECK_TEXT(later.kept[1], "7kB");
    CHECK(later.kept[2] == NULL);
    CHECK(!cup_settings_keep(&now, &service, "/nowhere", &refusal) && refusal.count == 1);
    cup_settings_free(&now);
    cup_settings_free(&later);
}

int main(int count, char **words) {
    CHECK(count == 2);
    test_changes();
    test_texts();
    test_keeping(words[1]);
    return 0;
}
