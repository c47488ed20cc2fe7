/* The statements of a party about what its hellos offer and how secrets are agreed: groups,
 * signature schemes, extensions, protocols, pre-shared keys, Diffie-Hellman groups of its own.
 *
 * They fill a PlanParty. Numbers are written by their registry's names; `default` brings back the
 * laboratory's own list. What may stand together is the plan's check.
 *
 * Sources: RFC 8446 4.2 (groups, schemes, extensions), RFC 7301 (protocols), RFC 4279 (pre-shared
 * keys), RFC 5246 7.4.3 (Diffie-Hellman groups sent in full).
 */
#include <string.h>

#include "core/crypto/group.h"
#include "core/crypto/hash.h"
#include "core/crypto/scheme.h"
#include "scenarios/language/statements.h"

/* A registry of numbers that a list is made of. */
typedef struct {
    NumberKind kind;
    const char *what;              /* "a group" */
    bool (*runs)(uint32_t number); /* NULL: every number that there is */
} Registry;

static bool group_runs(uint32_t number)
{
    return group_find((GroupNumber)number) != NULL;
}

static bool scheme_runs(uint32_t number)
{
    return scheme_find((SchemeNumber)number) != NULL;
}

static const Registry group_registry = {NUMBER_GROUP, "a group", group_runs};
static const Registry scheme_registry = {NUMBER_SIGNATURE_SCHEME, "a signature scheme",
                                         scheme_runs};
static const Registry extension_registry = {NUMBER_EXTENSION, "an extension", NULL};

static void unknown_number(Cursor *cursor, const Registry *registry, const char *name)
{
    size_t count = 0, known = 0;
    const NumberName *names = number_table(registry->kind, &count);
    g_autofree const char **words = g_new0(const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        if (registry->runs == NULL || registry->runs(names[i].value))
            words[known++] = names[i].name;
    const char *near = nearest_word(name, words);
    g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)words);
    if (number_from_name(registry->kind, name, &(uint32_t){0}))
        cursor_error(cursor, "%s is known but does not run here; there are %s", name, all);
    else if (near != NULL)
        cursor_error(cursor, "unknown word \"%s\"; did you mean \"%s\"?", name, near);
    else
        cursor_error(cursor, "unknown word \"%s\"; %s is one of: %s", name, registry->what, all);
}

/* A name of the registry; where any number may stand, its digits as well. */
static bool parse_number(Cursor *cursor, const Registry *registry, uint16_t *number)
{
    const char *name = cursor_take_word(cursor, registry->what);
    uint32_t value = 0;
    guint64 digits = 0;
    if (name == NULL)
        return false;
    bool found = number_from_name(registry->kind, name, &value) &&
                 (registry->runs == NULL || registry->runs(value));
    if (!found && registry->runs == NULL &&
        g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT16, &digits, NULL)) {
        value = (uint32_t)digits;
        found = true;
    }
    if (!found)
        unknown_number(cursor, registry, name);
    *number = (uint16_t)value;
    return found;
}

bool cursor_group(Cursor *cursor, GroupNumber *number)
{
    return parse_number(cursor, &group_registry, number);
}

static void parse_numbers(Cursor *cursor, const Registry *registry, GArray *numbers)
{
    g_array_set_size(numbers, 0);
    if (cursor_word(cursor, "default"))
        return;
    do {
        uint16_t number = 0;
        if (!parse_number(cursor, registry, &number))
            return;
        g_array_append_val(numbers, number);
    } while (cursor_mark(cursor, TOKEN_COMMA));
}

static char *number_words(const Registry *registry, uint16_t number)
{
    const char *name = number_name(registry->kind, number);
    return name == NULL ? g_strdup_printf("%u", number) : g_strdup(name);
}

static void print_numbers(GPtrArray *lines, const char *word, const Registry *registry,
                          const GArray *numbers)
{
    GString *text = g_string_new(numbers->len == 0 ? "default" : NULL);
    for (guint i = 0; i < numbers->len; i++) {
        g_autofree char *name = number_words(registry, g_array_index(numbers, uint16_t, i));
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", name);
    }
    print_line(lines, "%-10s %s", word, text->str);
    g_string_free(text, TRUE);
}

void parse_groups(Cursor *cursor)
{
    parse_numbers(cursor, &group_registry, cursor->party->groups);
}

void print_groups(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    print_numbers(lines, "groups", &group_registry, ((const PlanParty *)subject)->groups);
}

void parse_key_shares(Cursor *cursor)
{
    if (cursor_word(cursor, "shares"))
        parse_numbers(cursor, &group_registry, cursor->party->shares);
    else
        cursor_error_next(cursor, "\"shares\" and groups are expected here");
}

void print_key_shares(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    print_numbers(lines, "key shares", &group_registry, ((const PlanParty *)subject)->shares);
}

void parse_signatures(Cursor *cursor)
{
    parse_numbers(cursor, &scheme_registry, cursor->party->schemes);
}

void print_signatures(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    print_numbers(lines, "signatures", &scheme_registry, ((const PlanParty *)subject)->schemes);
}

void parse_protocols(Cursor *cursor)
{
    enum { PROTOCOL_MOST = 255 }; /* RFC 7301 3.1: ProtocolName<1..2^8-1> */
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    bool none = cursor_word(cursor, "none");
    while (!none) {
        const char *name = cursor_take_text(cursor, "a protocol such as \"http/1.1\"");
        if (name == NULL)
            break;
        if (*name == '\0' || strlen(name) > PROTOCOL_MOST) {
            cursor_error(cursor, "a protocol's name has 1 to %d bytes (RFC 7301 3.1)",
                         PROTOCOL_MOST);
            break;
        }
        g_ptr_array_add(names, g_strdup(name));
        none = !cursor_mark(cursor, TOKEN_COMMA);
    }
    g_ptr_array_unref(cursor->party->protocols);
    cursor->party->protocols = names;
}

void print_protocols(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    GString *text = g_string_new(party->protocols->len == 0 ? "none" : NULL);
    for (guint i = 0; i < party->protocols->len; i++) {
        g_autofree char *name = print_text(g_ptr_array_index(party->protocols, i));
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", name);
    }
    print_line(lines, "protocols  %s", text->str);
    g_string_free(text, TRUE);
}

static void parse_psk_hint(Cursor *cursor)
{
    if (cursor->party->kind != PARTY_SERVER) {
        cursor_error(cursor, "a hint is the server's to give (RFC 4279 2)");
        return;
    }
    bool none = cursor_word(cursor, "none");
    const char *text = none ? NULL : cursor_take_text(cursor, "a hint (or the word none)");
    if (!none && text == NULL)
        return;
    g_free(cursor->party->psk_hint);
    cursor->party->psk_hint = g_strdup(text);
}

/* psk "identity" HEX [for SHA-384] | psk hint "text" */
void parse_psk(Cursor *cursor)
{
    static const char *const hashes[] = {"SHA-256", "SHA-384", NULL};
    if (cursor_word(cursor, "hint")) {
        parse_psk_hint(cursor);
        return;
    }
    g_autofree char *identity = g_strdup(cursor_take_text(cursor, "an identity"));
    g_autoptr(GBytes) key = identity == NULL ? NULL : cursor_hex(cursor);
    if (key == NULL)
        return;
    int hash = cursor_word(cursor, "for") ? cursor_choice(cursor, "a hash", hashes) : 0;
    if (hash < 0)
        return;
    PlanPsk *psk =
        plan_psk_new(identity, bytes_from_gbytes(key), hash == 1 ? HASH_SHA384 : HASH_SHA256);
    psk->line = cursor->line;
    g_ptr_array_add(cursor->party->psks, psk);
}

void print_psk(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    for (guint i = 0; i < party->psks->len; i++) {
        const PlanPsk *psk = g_ptr_array_index(party->psks, i);
        g_autofree char *identity = print_text(psk->identity);
        g_autofree char *key = print_hex(bytes_from_gbytes(psk->key));
        print_line(lines, "psk        %s %s for %s", identity, key, hash_name(psk->hash));
    }
    if (party->kind != PARTY_SERVER)
        return;
    g_autofree char *hint =
        party->psk_hint == NULL ? g_strdup("none") : print_text(party->psk_hint);
    print_line(lines, "psk hint   %s", hint);
}

/* extension order a, b | extension NAME HEX | extension NAME nothing */
void parse_extension(Cursor *cursor)
{
    uint16_t type = 0;
    if (cursor_word(cursor, "order")) {
        parse_numbers(cursor, &extension_registry, cursor->party->extension_order);
        return;
    }
    if (!parse_number(cursor, &extension_registry, &type))
        return;
    if (cursor->party->kind != PARTY_CLIENT) {
        cursor_error(cursor, "only a client sends an extension of its own making: a server "
                             "answers those that were sent");
        return;
    }
    g_autoptr(GBytes) data =
        cursor_word(cursor, "nothing") ? g_bytes_new(NULL, 0) : cursor_hex(cursor);
    if (data != NULL)
        g_ptr_array_add(cursor->party->raw_extensions,
                        plan_raw_extension_new(type, bytes_from_gbytes(data)));
}

void print_extension(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_numbers(lines, "extension order", &extension_registry, party->extension_order);
    for (guint i = 0; i < party->raw_extensions->len; i++) {
        const PlanRawExtension *raw = g_ptr_array_index(party->raw_extensions, i);
        Bytes data = bytes_from_gbytes(raw->data);
        g_autofree char *name = number_words(&extension_registry, raw->type);
        g_autofree char *hex = data.size == 0 ? g_strdup("nothing") : print_hex(data);
        print_line(lines, "extension  %s %s", name, hex);
    }
}

/* prime HEX generator HEX | default */
static void parse_own_group(Cursor *cursor, GBytes **prime, GBytes **generator)
{
    if (cursor_word(cursor, "default")) {
        g_clear_pointer(prime, g_bytes_unref);
        g_clear_pointer(generator, g_bytes_unref);
        return;
    }
    if (!cursor_word(cursor, "prime")) {
        cursor_error_next(cursor, "\"prime\" and its bytes, or \"default\", are expected here");
        return;
    }
    g_autoptr(GBytes) p = cursor_hex(cursor);
    if (p == NULL)
        return;
    if (!cursor_word(cursor, "generator")) {
        cursor_error_next(cursor, "\"generator\" and its bytes are expected here");
        return;
    }
    g_autoptr(GBytes) g = cursor_hex(cursor);
    if (g == NULL)
        return;
    g_clear_pointer(prime, g_bytes_unref);
    g_clear_pointer(generator, g_bytes_unref);
    *prime = g_steal_pointer(&p);
    *generator = g_steal_pointer(&g);
}

static void print_own_group(GPtrArray *lines, const char *word, GBytes *prime, GBytes *generator)
{
    if (prime == NULL) {
        print_line(lines, "%-10s default", word);
        return;
    }
    g_autofree char *p = print_hex(bytes_from_gbytes(prime));
    g_autofree char *g = print_hex(bytes_from_gbytes(generator));
    print_line(lines, "%-10s prime %s\ngenerator %s", word, p, g);
}

void parse_dh(Cursor *cursor)
{
    parse_own_group(cursor, &cursor->party->dh_prime, &cursor->party->dh_generator);
}

void print_dh(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_own_group(lines, "dh", party->dh_prime, party->dh_generator);
}

void parse_export(Cursor *cursor)
{
    parse_own_group(cursor, &cursor->party->export_prime, &cursor->party->export_generator);
}

void print_export(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const PlanParty *party = subject;
    print_own_group(lines, "export", party->export_prime, party->export_generator);
}
