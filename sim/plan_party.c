/* Parties of a plan: made with their defaults, copied, freed.
 *
 * Everything that a party's words can say is owned by it, so a copy copies all of it. What a
 * default is, a scenario shows with `show`.
 *
 * Obeys RFC 2246 D.1 (export groups).
 */
#include "sim/plan.h"

static void door_free(gpointer data)
{
    PlanDoor *door = data;
    g_free(door->path);
    g_free(door);
}

static void access_free(gpointer data)
{
    PlanAccess *access = data;
    g_free(access->subject);
    g_free(access->path);
    g_free(access);
}

static void pin_free(gpointer data)
{
    PlanPin *pin = data;
    g_free(pin->label);
    g_bytes_unref(pin->value);
    g_free(pin);
}

static void psk_free(gpointer data)
{
    PlanPsk *psk = data;
    g_free(psk->identity);
    g_bytes_unref(psk->key);
    g_free(psk);
}

static void raw_free(gpointer data)
{
    PlanRawExtension *raw = data;
    g_bytes_unref(raw->data);
    g_free(raw);
}

static void own_edit_clear(gpointer data)
{
    PlanOwnEdit *edit = data;
    edit_clear(&edit->edit);
    g_free(edit->text);
}

void plan_party_free(gpointer data)
{
    PlanParty *party = data;
    g_free(party->name);
    GArray *arrays[] = {party->suites,  party->groups,          party->shares,
                        party->schemes, party->extension_order, party->edits};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_array_unref(arrays[i]);
    GPtrArray *lists[] = {party->also_shows, party->protocols, party->psks,   party->raw_extensions,
                          party->trusts,     party->doors,     party->access, party->pins};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_unref(lists[i]);
    GBytes *numbers[] = {party->dh_prime, party->dh_generator, party->export_prime,
                         party->export_generator};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        g_bytes_unref(numbers[i]);
    g_free(party->psk_hint);
    g_free(party->early_data);
    g_free(party->shows);
    g_free(party->uses_key);
    g_free(party->expects);
    g_free(party->server_name);
    g_free(party->temporary_key);
    g_free(party);
}

const SuiteNumber *plan_default_suites(size_t *count)
{
    /* those of TLS 1.3 and of SSL 2.0 are offered only where they are spoken */
    static const SuiteNumber suites[] = {0x1301, 0x1302, 0x1303, 0x0035,   0x002f,
                                         0x000a, 0x0005, 0x0004, 0x0700c0, 0x010080};
    *count = G_N_ELEMENTS(suites);
    return suites;
}

PlanParty *plan_party_new(PartyKind kind, const char *name)
{
    PlanParty *party = g_new0(PlanParty, 1);
    size_t count = 0;
    const SuiteNumber *suites = plan_default_suites(&count);
    party->kind = kind;
    party->name = g_strdup(name);
    party->options = options_default();
    party->groups = g_array_new(FALSE, FALSE, sizeof(GroupNumber));
    party->shares = g_array_new(FALSE, FALSE, sizeof(GroupNumber));
    party->schemes = g_array_new(FALSE, FALSE, sizeof(SchemeNumber));
    party->extension_order = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    party->also_shows = g_ptr_array_new_with_free_func(g_free);
    party->protocols = g_ptr_array_new_with_free_func(g_free);
    party->psks = g_ptr_array_new_with_free_func(psk_free);
    party->raw_extensions = g_ptr_array_new_with_free_func(raw_free);
    party->first = VERSION_SSL_3_0;
    party->last = VERSION_TLS_1_2;
    party->suites = g_array_new(FALSE, FALSE, sizeof(SuiteNumber));
    g_array_append_vals(party->suites, suites, (guint)count);
    party->trusts = g_ptr_array_new_with_free_func(g_free);
    party->doors = g_ptr_array_new_with_free_func(door_free);
    party->access = g_ptr_array_new_with_free_func(access_free);
    party->edits = g_array_new(FALSE, TRUE, sizeof(PlanOwnEdit));
    g_array_set_clear_func(party->edits, own_edit_clear);
    party->pins = g_ptr_array_new_with_free_func(pin_free);
    return party;
}

/* A safe prime of 512 bits, as export servers used one for all their clients (RFC 2246 D.1). */
void plan_export_group(Bytes *prime, Bytes *generator)
{
    static const uint8_t p[] = {
        0xa0, 0xc4, 0x87, 0x56, 0x7a, 0x92, 0x22, 0x42, 0xf8, 0xcb, 0x46, 0x92, 0x62,
        0x54, 0x22, 0xf7, 0x09, 0x52, 0x5c, 0xb6, 0xdf, 0x43, 0x44, 0xfd, 0x55, 0xca,
        0x2b, 0xb9, 0x2e, 0xae, 0x5e, 0xd9, 0x7d, 0xe3, 0xeb, 0xfa, 0x6c, 0x52, 0xad,
        0xad, 0x59, 0x19, 0x9e, 0x3b, 0xa8, 0x3c, 0xd3, 0xa9, 0x33, 0x91, 0xfb, 0xad,
        0x98, 0x02, 0x18, 0x79, 0xfa, 0xc9, 0x15, 0x18, 0x40, 0xdb, 0x19, 0xff,
    };
    static const uint8_t g[] = {2};
    *prime = BYTES_ARRAY(p);
    *generator = BYTES_ARRAY(g);
}

PlanDoor *plan_door_new(const char *path, bool required)
{
    PlanDoor *door = g_new0(PlanDoor, 1);
    door->path = g_strdup(path);
    door->required = required;
    return door;
}

PlanAccess *plan_access_new(const char *subject, const char *path)
{
    PlanAccess *access = g_new0(PlanAccess, 1);
    access->subject = g_strdup(subject);
    access->path = g_strdup(path);
    return access;
}

PlanPin *plan_pin_new(const char *label, Bytes value)
{
    PlanPin *pin = g_new0(PlanPin, 1);
    pin->label = g_strdup(label);
    pin->value = bytes_copy(value);
    return pin;
}

PlanPsk *plan_psk_new(const char *identity, Bytes key, HashKind hash)
{
    PlanPsk *psk = g_new0(PlanPsk, 1);
    psk->identity = g_strdup(identity);
    psk->key = bytes_copy(key);
    psk->hash = hash;
    return psk;
}

PlanRawExtension *plan_raw_extension_new(uint16_t type, Bytes data)
{
    PlanRawExtension *raw = g_new0(PlanRawExtension, 1);
    raw->type = type;
    raw->data = bytes_copy(data);
    return raw;
}

void plan_copy_names(GPtrArray *to, const GPtrArray *from)
{
    for (guint i = 0; i < from->len; i++)
        g_ptr_array_add(to, g_strdup(g_ptr_array_index(from, i)));
}

static void copy_edits(GArray *to, const GArray *from)
{
    for (guint i = 0; i < from->len; i++) {
        const PlanOwnEdit *edit = &g_array_index(from, PlanOwnEdit, i);
        PlanOwnEdit copy = *edit;
        edit_copy(&copy.edit, &edit->edit);
        copy.text = g_strdup(edit->text);
        g_array_append_val(to, copy);
    }
}

static GBytes *copy_number(GBytes *number)
{
    return number == NULL ? NULL : g_bytes_ref(number);
}

static void copy_array(GArray *to, const GArray *from)
{
    g_array_set_size(to, 0);
    if (from->len > 0)
        g_array_append_vals(to, from->data, from->len);
}

/* The lists of what it speaks. */
static void copy_speech(PlanParty *copy, const PlanParty *party)
{
    copy_array(copy->suites, party->suites);
    copy_array(copy->groups, party->groups);
    copy_array(copy->shares, party->shares);
    copy_array(copy->schemes, party->schemes);
    copy_array(copy->extension_order, party->extension_order);
    plan_copy_names(copy->protocols, party->protocols);
    g_ptr_array_set_size(copy->raw_extensions, 0);
    for (guint i = 0; i < party->raw_extensions->len; i++) {
        const PlanRawExtension *raw = g_ptr_array_index(party->raw_extensions, i);
        g_ptr_array_add(copy->raw_extensions,
                        plan_raw_extension_new(raw->type, bytes_from_gbytes(raw->data)));
    }
}

void plan_party_take(PlanParty *party, const PlanParty *from)
{
    copy_speech(party, from);
    party->first = from->first;
    party->last = from->last;
    party->options = from->options;
    party->weaknesses = from->weaknesses;
    party->retries_lower = from->retries_lower;
    party->prefers_client_order = from->prefers_client_order;
    party->refuses_renegotiation = from->refuses_renegotiation;
    party->fragment_size = from->fragment_size;
    party->coalesces = from->coalesces;
    party->empty_fragments = from->empty_fragments;
}

static void copy_lists(PlanParty *copy, const PlanParty *party)
{
    copy_speech(copy, party);
    plan_copy_names(copy->trusts, party->trusts);
    plan_copy_names(copy->also_shows, party->also_shows);
    for (guint i = 0; i < party->psks->len; i++) {
        const PlanPsk *psk = g_ptr_array_index(party->psks, i);
        PlanPsk *twin = plan_psk_new(psk->identity, bytes_from_gbytes(psk->key), psk->hash);
        twin->line = psk->line;
        g_ptr_array_add(copy->psks, twin);
    }
}

static void copy_texts(PlanParty *copy, const PlanParty *party)
{
    copy->shows = g_strdup(party->shows);
    copy->uses_key = g_strdup(party->uses_key);
    copy->expects = g_strdup(party->expects);
    copy->server_name = g_strdup(party->server_name);
    copy->temporary_key = g_strdup(party->temporary_key);
    copy->psk_hint = g_strdup(party->psk_hint);
    copy->early_data = g_strdup(party->early_data);
    copy->dh_prime = copy_number(party->dh_prime);
    copy->dh_generator = copy_number(party->dh_generator);
    copy->export_prime = copy_number(party->export_prime);
    copy->export_generator = copy_number(party->export_generator);
}

PlanParty *plan_party_copy(const PlanParty *party)
{
    PlanParty *copy = plan_party_new(party->kind, party->name);
    PlanParty own = *copy;
    *copy = *party;
    copy->name = own.name;
    copy->suites = own.suites;
    copy->groups = own.groups;
    copy->shares = own.shares;
    copy->schemes = own.schemes;
    copy->extension_order = own.extension_order;
    copy->also_shows = own.also_shows;
    copy->protocols = own.protocols;
    copy->psks = own.psks;
    copy->raw_extensions = own.raw_extensions;
    copy->trusts = own.trusts;
    copy->doors = own.doors;
    copy->access = own.access;
    copy->edits = own.edits;
    copy->pins = own.pins;
    copy_texts(copy, party);
    copy_lists(copy, party);
    copy_edits(copy->edits, party->edits);
    for (guint i = 0; i < party->doors->len; i++) {
        const PlanDoor *door = g_ptr_array_index(party->doors, i);
        PlanDoor *twin = plan_door_new(door->path, door->required);
        twin->line = door->line;
        g_ptr_array_add(copy->doors, twin);
    }
    for (guint i = 0; i < party->access->len; i++) {
        const PlanAccess *access = g_ptr_array_index(party->access, i);
        PlanAccess *twin = plan_access_new(access->subject, access->path);
        twin->line = access->line;
        g_ptr_array_add(copy->access, twin);
    }
    for (guint i = 0; i < party->pins->len; i++) {
        const PlanPin *pin = g_ptr_array_index(party->pins, i);
        PlanPin *twin = plan_pin_new(pin->label, bytes_from_gbytes(pin->value));
        twin->line = pin->line;
        g_ptr_array_add(copy->pins, twin);
    }
    return copy;
}
