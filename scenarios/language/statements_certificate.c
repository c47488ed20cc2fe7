/* The statements of a certificate section: one function to read, one to print each.
 *
 * They fill a CertificateSpec and know nothing of how one is minted. Names are checked when the
 * plan is, so that certificates may be declared in any order.
 */
#include <string.h>

#include "core/crypto/name.h"
#include "scenarios/language/statements.h"

void parse_subject(Cursor *cursor)
{
    const char *text = cursor_take_text(cursor, "a distinguished name such as \"CN=Alice,O=Lab\"");
    if (text == NULL)
        return;
    g_autofree char *canonical = name_canonical(text);
    if (canonical == NULL) {
        cursor_error(cursor,
                     "\"%s\" is no distinguished name; one is \"CN=Alice,O=Lab\" (RFC 4514)", text);
        return;
    }
    g_free(cursor->certificate->subject);
    cursor->certificate->subject = g_strdup(text);
}

void print_subject(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    g_autofree char *text = print_text(spec->subject);
    print_line(lines, "subject    %s", text);
}

void parse_issuer(Cursor *cursor)
{
    const char *name = cursor_take_word(cursor, "the name of a certificate, or \"itself\",");
    if (name == NULL)
        return;
    bool itself = strcmp(name, "itself") == 0;
    g_free(cursor->certificate->issuer);
    cursor->certificate->issuer = g_strdup(itself ? cursor->certificate->name : name);
}

void print_issuer(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    bool itself = g_strcmp0(spec->issuer, spec->name) == 0;
    print_line(lines, "issuer     %s", itself ? "itself" : spec->issuer);
}

void parse_serial(Cursor *cursor)
{
    cursor_number(cursor, "a serial number", G_MAXUINT32, &cursor->certificate->serial);
}

void print_serial(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    if (spec->serial != 0)
        print_line(lines, "serial     %" G_GUINT64_FORMAT, spec->serial);
}

void parse_valid(Cursor *cursor)
{
    int64_t from, to;
    if (!cursor_time(cursor, false, &from))
        return;
    if (!cursor_word(cursor, "to")) {
        cursor_error_next(cursor, "\"to\" and the last day are expected here");
        return;
    }
    if (!cursor_time(cursor, true, &to))
        return;
    if (to < from) {
        cursor_error(cursor, "this certificate ends before it begins");
        return;
    }
    cursor->certificate->not_before = from;
    cursor->certificate->not_after = to;
}

void print_valid(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    g_autofree char *from = print_time(spec->not_before);
    g_autofree char *to = print_time(spec->not_after);
    print_line(lines, "valid      %s to %s", from, to);
}

void parse_names(Cursor *cursor)
{
    g_autoptr(GPtrArray) names = cursor_list(cursor, "a host name", "none");
    g_ptr_array_add(names, NULL);
    g_free(cursor->certificate->names);
    cursor->certificate->names = g_strjoinv(", ", (char **)names->pdata);
}

void print_names(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    if (spec->names == NULL || *spec->names == '\0') {
        print_line(lines, "names      none");
        return;
    }
    g_auto(GStrv) names = g_strsplit(spec->names, ", ", -1);
    GString *text = g_string_new(NULL);
    for (char **name = names; *name != NULL; name++) {
        g_autofree char *quoted = print_text(*name);
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", quoted);
    }
    print_line(lines, "names      %s", text->str);
    g_string_free(text, TRUE);
}

void parse_key(Cursor *cursor)
{
    const char *name = cursor_take_word(cursor, "the name of a key, such as rsa-2048-1,");
    if (name == NULL)
        return;
    g_free(cursor->certificate->key);
    cursor->certificate->key = g_strdup(name);
}

void print_key(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    print_line(lines, "key        %s", spec->key);
}

void parse_usage(Cursor *cursor)
{
    const char *words[KEY_USAGES + 1] = {NULL};
    for (int i = 0; i < KEY_USAGES; i++)
        words[i] = key_usage_name((KeyUsage)i);
    int usage = cursor_choice(cursor, "a usage", words);
    if (usage >= 0)
        cursor->certificate->usage = (KeyUsage)usage;
}

void print_usage(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    print_line(lines, "usage      %s", key_usage_name(spec->usage));
}

void parse_authority(Cursor *cursor)
{
    static const char *const words[] = {"no", "yes", NULL};
    int yes = cursor_choice(cursor, "yes or no", words);
    if (yes >= 0)
        cursor->certificate->authority = yes == 1;
}

void print_authority(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    print_line(lines, "authority  %s", spec->authority ? "yes" : "no");
}

void parse_signature(Cursor *cursor)
{
    const char *words[HASH_KINDS + 1] = {NULL};
    for (int i = 0; i < HASH_KINDS; i++)
        words[i] = hash_name((HashKind)i);
    int hash = cursor_choice(cursor, "a hash", words);
    if (hash < 0)
        return;
    cursor->certificate->hash = (HashKind)hash;
    cursor->certificate->pss = cursor_word(cursor, "pss");
}

void print_signature(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    print_line(lines, "signature  %s%s", hash_name(spec->hash), spec->pss ? " pss" : "");
}

void parse_signed_by(Cursor *cursor)
{
    if (!cursor_word(cursor, "by")) {
        cursor_error_next(cursor, "\"by\" and the name of a key are expected here");
        return;
    }
    const char *name = cursor_take_word(cursor, "the name of a key");
    if (name == NULL)
        return;
    g_free(cursor->certificate->signed_by);
    cursor->certificate->signed_by = g_strdup(name);
}

void print_signed_by(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    if (spec->signed_by != NULL)
        print_line(lines, "signed by  %s", spec->signed_by);
}

void parse_changed(Cursor *cursor)
{
    if (!cursor_word(cursor, "after") || !cursor_word(cursor, "signing"))
        cursor_error_next(cursor, "\"after signing\" is expected here");
    else
        cursor->certificate->altered = true;
}

void print_changed(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    if (spec->altered)
        print_line(lines, "changed    after signing");
}

void parse_must_staple(Cursor *cursor)
{
    if (cursor_word(cursor, "staple"))
        cursor->certificate->must_staple = true;
    else
        cursor_error_next(cursor, "\"staple\" is expected here");
}

void print_must_staple(const Plan *plan, const void *subject, GPtrArray *lines)
{
    (void)plan;
    const CertificateSpec *spec = subject;
    if (spec->must_staple)
        print_line(lines, "must staple");
}
