/* Extensions: one walk for the block, one for each extension that is known.
 *
 * The shape of an extension depends on the message it stands in, which the walk context tells by
 * its sender. Unknown extensions are carried whole and ignored (RFC 5246 7.4.1.4). What an
 * extension means, and whether it was asked for, is the engine's.
 *
 * Obeys RFC 5246 7.4.1.4, RFC 6066 3 (server_name), RFC 5746 3.2 (renegotiation_info).
 */
#include "core/wire/extension.h"

#include "core/wire/wire.h"

enum { LENGTH_16 = 0xffff };

/* RFC 6066 3: a list in a ClientHello, empty in a ServerHello. */
static void server_name_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (context->sender == ROLE_SERVER)
        return;
    size_t *count = &extension->server_name.count;
    wire_open(wire, "server_name_list", -1, 2, 1, LENGTH_16);
    size_t i = 0;
    for (; wire_more(wire, i, *count); i++) {
        wire_check(wire, i < SERVER_NAMES_MOST, "more names in server_name than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        ServerName *name = &extension->server_name.list[i];
        wire_open(wire, "server_name", (int)i, 0, 0, 0);
        wire_u8(wire, "name_type", NUMBER_NAME_TYPE, &name->name_type);
        wire_text(wire, "host_name", 2, 1, LENGTH_16, &name->host_name);
        wire_close(wire);
        for (size_t j = 0; j < i; j++) /* RFC 6066 3 */
            wire_check(wire, extension->server_name.list[j].name_type != name->name_type,
                       "server_name holds two names of one type");
    }
    *count = i;
    wire_close(wire);
}

static void signature_algorithms_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_numbers(wire, "supported_signature_algorithms", 2, 2, NUMBER_SIGNATURE_SCHEME, 2,
                 LENGTH_16 - 1, &extension->signature_algorithms);
}

static void renegotiation_info_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    (void)context;
    wire_vector(wire, "renegotiated_connection", 1, 0, 255, &extension->renegotiated_connection);
}

/* clang-format off */
static const struct {
    uint16_t type;
    const char *name;
    void (*walk)(Wire *wire, const WalkContext *context, Extension *extension);
} known[] = {
    {EXTENSION_SERVER_NAME, "server_name", server_name_walk},
    {EXTENSION_SIGNATURE_ALGORITHMS, "signature_algorithms", signature_algorithms_walk},
    {EXTENSION_RENEGOTIATION_INFO, "renegotiation_info", renegotiation_info_walk},
};
/* clang-format on */

static void extension_data_walk(Wire *wire, const WalkContext *context, Extension *extension)
{
    if (wire->reading)
        extension->data = bytes_slice(wire->input, wire->at, wire->end - wire->at);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].type != extension->type)
            continue;
        extension->known = true;
        known[i].walk(wire, context, extension);
        return;
    }
    extension->known = false;
    wire_rest(wire, "data", &extension->data);
}

/* The name of an extension's group is its own, so that a path can say "extensions/server_name". */
static const char *extension_name(const Wire *wire, uint16_t type)
{
    if (wire->reading && wire->end - wire->at >= 2)
        type = (uint16_t)bytes_number(bytes_slice(wire->input, wire->at, 2));
    const char *name = number_name(NUMBER_EXTENSION, type);
    return name == NULL ? "extension" : name;
}

void extensions_walk(Wire *wire, const WalkContext *context, Extensions *extensions)
{
    /* reading, the struct holds nothing yet */
    extensions->present = wire_more(wire, 0, !wire->reading && extensions->present);
    if (!extensions->present)
        return;
    size_t i = 0;
    wire_open(wire, "extensions", -1, 2, 0, LENGTH_16);
    for (; wire_more(wire, i, extensions->count); i++) {
        wire_check(wire, i < EXTENSIONS_MOST, "more extensions than a limit allows");
        if (wire->error != WIRE_FINE)
            return;
        Extension *extension = &extensions->list[i];
        wire_open(wire, extension_name(wire, extension->type), -1, 0, 0, 0);
        wire_u16(wire, "extension_type", NUMBER_EXTENSION, &extension->type);
        wire_open(wire, "extension_data", -1, 2, 0, LENGTH_16);
        extension_data_walk(wire, context, extension);
        wire_close(wire);
        wire_close(wire);
        for (size_t j = 0; j < i; j++) /* one of a type: RFC 5246 7.4.1.4 */
            wire_check(wire, extensions->list[j].type != extension->type,
                       "the same extension stands there twice");
    }
    extensions->count = i;
    wire_close(wire);
}

const Extension *extensions_find(const Extensions *extensions, uint16_t type)
{
    for (size_t i = 0; extensions->present && i < extensions->count; i++)
        if (extensions->list[i].type == type)
            return &extensions->list[i];
    return NULL;
}
