/* Programs on loopback, bounded: the laboratory's own and those of others.
 *
 * Each test has one folder with everything in it. A program that shall end by itself runs under
 * coreutils' timeout, so that nothing outlives its test; one that serves is ended by its process
 * alone. What a program says is kept, and shown when a test fails.
 *
 * This file knows no judge and judges nothing.
 */
#include "tests/judges/lab.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/language/scenario.h"
#include "sim/pki.h"
#include "tests/support/support.h"

static char *own_folder;

static const char certificates[] =
    "certificate judge-root\n  subject \"CN=Judges' root, O=Lab\"\n  issuer itself\n"
    "  usage authority\n  authority yes\n  key rsa-2048-1\n  valid 2000-01-01 to 2049-12-31\n"
    "certificate judge-www\n  subject \"CN=" JUDGE_HOST ", O=Lab\"\n  issuer judge-root\n"
    "  names \"" JUDGE_HOST "\"\n  key rsa-2048-2\n  valid 2000-01-01 to 2049-12-31\n"
    "certificate judge-alice\n  subject \"CN=Alice, O=Lab\"\n  issuer judge-root\n"
    "  usage client\n  key rsa-2048-3\n  valid 2000-01-01 to 2049-12-31\n";

const char *lab_folder(void)
{
    return own_folder;
}

char *lab_file(const char *name)
{
    return g_build_filename(own_folder, name, NULL);
}

static void write_file(const char *name, const char *text)
{
    g_autofree char *path = lab_file(name);
    ck_assert_msg(g_file_set_contents(path, text, -1, NULL), "%s was not written", path);
}

/* RFC 7468 */
static void write_certificate(Pki *pki, const char *name, const char *file)
{
    enum { LINE = 64 };
    Fault fault = FAULT_INIT;
    const Certificate *certificate = pki_certificate(pki, name, &fault);
    ck_assert_msg(certificate != NULL, "%s", fault.sentence);
    Bytes der = certificate_der(certificate);
    g_autofree char *text = g_base64_encode(der.data, der.size);
    g_autoptr(GString) pem = g_string_new("-----BEGIN CERTIFICATE-----\n");
    for (const char *at = text; *at != '\0'; at += strnlen(at, LINE))
        g_string_append_printf(pem, "%.*s\n", LINE, at);
    g_string_append(pem, "-----END CERTIFICATE-----\n");
    write_file(file, pem->str);
}

/* As PKCS#8, which Java takes alone. */
static void write_key(const Plan *plan, const char *name, const char *file)
{
    const PlanKey *key = plan_key(plan, plan_certificate(plan, name)->key);
    Bytes pem = bytes_from_gbytes(key->pem);
    g_autofree char *text = g_strndup((const char *)pem.data, pem.size);
    write_file("old.key", text);
    const char *words[] = {"openssl", "pkcs8", "-topk8", "-nocrypt", "-in",
                           "old.key", "-out",  file,     NULL};
    g_auto(LabRun) run = lab_run(words, NULL, 10);
    ck_assert_msg(run.status == 0, "openssl pkcs8: %s", run.said->str);
}

void lab_set_up(void)
{
    g_autofree char *report = NULL;
    g_autofree char *text = g_strconcat("scenario \"judges\"\n", certificates, NULL);
    Fault fault = FAULT_INIT;
    own_folder = g_dir_make_tmp("shakedown-judges-XXXXXX", NULL);
    g_autoptr(Scenario) scenario = scenario_parse("judges", "judges", text, strlen(text), &report);
    ck_assert_msg(scenario != NULL, "%s", report);
    const Plan *plan = scenario_plan(scenario, 0);
    g_autoptr(Pki) pki = pki_new(plan, &fault);
    ck_assert_msg(pki != NULL, "%s", fault.sentence);
    write_certificate(pki, "judge-root", "root.pem");
    write_certificate(pki, "judge-www", "server.pem");
    write_certificate(pki, "judge-alice", "client.pem");
    write_key(plan, "judge-www", "server.key");
    write_key(plan, "judge-alice", "client.key");
    write_file("request", "GET / HTTP/1.0\r\n\r\n");
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    for (const char *name = NULL; listing != NULL && (name = g_dir_read_name(listing)) != NULL;) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        remove_tree(inside);
    }
    g_remove(path);
}

void lab_tear_down(void)
{
    remove_tree(own_folder);
    g_clear_pointer(&own_folder, g_free);
}

bool lab_has(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);
    return path != NULL;
}

char *lab_scenario(const char *name, const char *lines)
{
    g_autofree char *file = g_strconcat(name, ".scn", NULL);
    g_autofree char *text = g_strdup_printf("scenario \"%s\"\n%s%s", name, certificates, lines);
    write_file(file, text);
    return lab_file(file);
}

void lab_run_clear(LabRun *run)
{
    g_string_free(run->said, TRUE);
    run->said = NULL;
}

LabRun lab_run(const char *const *words, const char *input, unsigned seconds)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    for (; *words != NULL; words++)
        g_ptr_array_add(list, g_strdup(*words));
    return lab_run_list(list, input, seconds);
}

/* The words behind coreutils' timeout; with input behind a shell that keeps it open for a second.
 */
static GPtrArray *bounded(const GPtrArray *words, const char *input, unsigned seconds)
{
    GPtrArray *list = lab_words("timeout", "-k", "2", NULL);
    lab_add(list, "%u", seconds);
    if (input != NULL) {
        lab_add(list, "sh");
        lab_add(list, "-c");
        lab_add(list,
                "input=$1; shift; { printf '%%s' \"$input\" | tr '|' '\\n' | "
                "while read -r part || [ -n \"$part\" ]; do printf \"$part\"; sleep 0.5; done; "
                "} | \"$@\"");
        lab_add(list, "sh");
        lab_add(list, "%s", input);
    }
    for (guint i = 0; i < words->len; i++)
        lab_add(list, "%s", (const char *)g_ptr_array_index(words, i));
    g_ptr_array_add(list, NULL);
    return list;
}

static GSubprocess *spawn(const GPtrArray *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
    g_subprocess_launcher_set_cwd(launcher, own_folder);
    GSubprocess *process =
        g_subprocess_launcher_spawnv(launcher, (const gchar *const *)(void *)words->pdata, &error);
    ck_assert_msg(process != NULL, "%s: %s", (char *)words->pdata[0],
                  error == NULL ? "" : error->message);
    return process;
}

static int status_of(GSubprocess *process)
{
    return g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1;
}

LabRun lab_run_list(GPtrArray *words, const char *input, unsigned seconds)
{
    g_autoptr(GPtrArray) list = bounded(words, input, seconds);
    g_autoptr(GSubprocess) process = spawn(list);
    g_autoptr(GBytes) said = NULL;
    g_subprocess_communicate(process, NULL, NULL, &said, NULL, NULL);
    Bytes bytes = bytes_from_gbytes(said);
    return (LabRun){
        .status = status_of(process),
        .said = g_string_new_len((const char *)bytes.data, (gssize)bytes.size),
    };
}

/* --- programs that wait for others --- */

struct LabServer {
    GSubprocess *process;
    GDataInputStream *out;
    GString *said;
    unsigned port;
};

static bool port_answers(unsigned port)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_to_host(client, "127.0.0.1", (guint16)port, NULL, NULL);
    return connection != NULL;
}

unsigned lab_free_port(void)
{
    g_autoptr(GSocketListener) listener = g_socket_listener_new();
    return g_socket_listener_add_any_inet_port(listener, NULL, NULL);
}

static void wait_for_line(LabServer *server, const char *ready)
{
    for (char *line; (line = g_data_input_stream_read_line(server->out, NULL, NULL, NULL)) != NULL;
         g_free(line)) {
        g_string_append_printf(server->said, "%s\n", line);
        const char *at = strstr(line, ready);
        if (at == NULL)
            continue;
        if (server->port == 0)
            server->port = (unsigned)strtoul(at + strlen(ready), NULL, 10);
        g_free(line);
        return;
    }
    ck_abort_msg("it ended before it was ready: %s", server->said->str);
}

LabServer *lab_start(const char *const *words, const char *ready, unsigned port)
{
    enum { SECONDS = 60, PAUSE = 20000, TRIES = 250 };
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    for (; *words != NULL; words++)
        g_ptr_array_add(list, g_strdup(*words));
    g_autoptr(GPtrArray) all = bounded(list, NULL, SECONDS);
    LabServer *server = g_new0(LabServer, 1);
    server->process = spawn(all);
    server->out = g_data_input_stream_new(g_subprocess_get_stdout_pipe(server->process));
    server->said = g_string_new(NULL);
    server->port = port;
    if (ready != NULL)
        wait_for_line(server, ready);
    for (int i = 0; ready == NULL && i < TRIES && !port_answers(port); i++)
        g_usleep(PAUSE);
    return server;
}

unsigned lab_port(const LabServer *server)
{
    return server->port;
}

LabRun lab_end(LabServer *server, bool now)
{
    if (now)
        g_subprocess_send_signal(server->process, SIGINT); /* timeout hands it on */
    for (char *line; (line = g_data_input_stream_read_line(server->out, NULL, NULL, NULL)) != NULL;
         g_free(line))
        g_string_append_printf(server->said, "%s\n", line);
    g_subprocess_wait(server->process, NULL, NULL);
    LabRun run = {.status = status_of(server->process), .said = server->said};
    g_object_unref(server->out);
    g_object_unref(server->process);
    g_free(server);
    return run;
}

/* --- words --- */

GPtrArray *lab_words(const char *first, ...)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    va_list rest;
    va_start(rest, first);
    for (const char *word = first; word != NULL; word = va_arg(rest, const char *))
        g_ptr_array_add(words, g_strdup(word));
    va_end(rest);
    return words;
}

void lab_add(GPtrArray *words, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(words, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}
