/* Help for the tests of captures.
 *
 * A capture is bytes in memory until it is read: then it stands in a folder of the test's own, as
 * the reader wants a file. What was read is shown as lines, so that a difference can be read by a
 * person.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/import/import-tests.h"

static char *folder;

void folder_make(void)
{
    folder = g_dir_make_tmp("shakedown-import-XXXXXX", NULL);
}

void folder_remove(void)
{
    g_autofree char *path = g_build_filename(folder, "capture", NULL);
    g_remove(path);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
}

static void free_trace(gpointer trace)
{
    trace_free(trace);
}

ReadCapture *read_capture(Bytes file, Bytes keylog, const PrivateKey *rsa, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "capture", NULL);
    ck_assert(g_file_set_contents(path, (const char *)file.data, (gssize)file.size, NULL));
    g_autoptr(ReadCapture) read = g_new0(ReadCapture, 1);
    read->secrets = secrets_new();
    secrets_parse(read->secrets, keylog, NULL);
    read->traces = g_ptr_array_new_with_free_func(free_trace);
    read->capture = capture_read(path, read->secrets, error);
    if (read->capture == NULL)
        return NULL;
    const ObserverKeys keys = {
        .rsa = rsa,
        .secret = secrets_count(read->secrets) > 0 ? secrets_find : NULL,
        .data = read->secrets,
    };
    g_autoptr(Listener) listener = listener_new(&keys);
    for (guint i = 0; i < read->capture->connections->len; i++) {
        const Connection *connection = g_ptr_array_index(read->capture->connections, i);
        if (!capture_speaks_tls(connection, 0))
            continue;
        g_ptr_array_add(read->traces, listener_read(listener, connection, "test", "Test"));
        ListenerFindings found = listener_findings(listener);
        read->illegal += found.illegal;
        read->closed += found.closed;
        read->partial += found.partial;
    }
    return g_steal_pointer(&read);
}

void read_capture_free(ReadCapture *read)
{
    if (read == NULL)
        return;
    g_clear_pointer(&read->traces, g_ptr_array_unref);
    capture_free(read->capture);
    secrets_free(read->secrets);
    g_free(read);
}

static void end_data(GString *lines, GByteArray *data)
{
    g_autofree char *hex = bytes_to_hex(bytes_from_array(data), NULL);
    if (data->len > 0)
        g_string_append_printf(lines, "data %s\n", hex);
    g_byte_array_set_size(data, 0);
}

char *said_lines(const Trace *trace, int connection, Direction direction)
{
    GString *lines = g_string_new(NULL);
    g_autoptr(GByteArray) data = g_byte_array_new();
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        if (event->kind != TRACE_MESSAGE || event->incoming || event->connection != connection ||
            event->direction != direction)
            continue;
        if (event->message_kind == MESSAGE_APPLICATION_DATA && event->bytes != NULL) {
            bytes_append(data, bytes_from_gbytes(event->bytes));
            continue;
        }
        end_data(lines, data);
        g_autofree char *hex = bytes_to_hex(bytes_from_gbytes(event->bytes), NULL);
        g_string_append_printf(lines, "%s, records %d+%d, epoch %d, under %d, row %d/%d, %s\n",
                               message_name(event->message_kind), event->record,
                               event->record_count, event->epoch, (int)event->under, event->row,
                               event->row < 0 ? 0 : event->handshake, hex);
    }
    end_data(lines, data);
    return g_string_free(lines, FALSE);
}

GByteArray *without_secrets(Bytes file)
{
    GByteArray *left = g_byte_array_new();
    for (size_t at = 0; at + 8 <= file.size;) {
        guint32 type, size;
        memcpy(&type, file.data + at, 4);
        memcpy(&size, file.data + at + 4, 4);
        size = GUINT32_FROM_LE(size);
        ck_assert(size >= 12 && at + size <= file.size);
        if (GUINT32_FROM_LE(type) != 10)
            bytes_append(left, bytes_slice(file, at, size));
        at += size;
    }
    return left;
}

bool is_honest(const Plan *plan)
{
    return plan->attacks->len == 0 && plan->rules->len == 0 && plan->parties->len == 2;
}
