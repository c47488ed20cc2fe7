/* Key logs in files.
 *
 * A file is read whole, within its limit; what its lines mean is not known here.
 *
 * Obeys RFC 9850 2: a file in which no line is one of a key log is none.
 */
#include "scenarios/import/secrets_file.h"

#include <errno.h>
#include <stdio.h>

#include "scenarios/import/capture.h"

static bool refuse_file(const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    int number = errno;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number), "%s: %s", shown,
                g_strerror(number));
    return false;
}

bool secrets_load(Secrets *secrets, const char *path, SecretsReport *report, GError **error)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_autofree char *shown = g_filename_display_name(path);
    uint8_t block[4096];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return refuse_file(path, error);
    for (size_t size; (size = fread(block, 1, sizeof block, file)) > 0;) {
        g_byte_array_append(text, block, (guint)size);
        if (text->len > SECRETS_FILE_MOST)
            break;
    }
    bool whole = ferror(file) == 0;
    bool told = whole || refuse_file(path, error);
    fclose(file);
    if (!told)
        return false;
    if (text->len > SECRETS_FILE_MOST) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT,
                    "%s: a key log of more than %d bytes", shown, SECRETS_FILE_MOST);
        return false;
    }
    if (secrets_parse(secrets, bytes_from_array(text), report) > 0 || report->bad == 0)
        return true;
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT,
                "%s:%u: this is no line of a key log (LABEL, client random, secret: RFC 9850)",
                shown, report->first);
    return false;
}
