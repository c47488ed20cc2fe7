/* How the tests run the program: as a process, with an output that is caught, a device or a
 * terminal, with a limit on files or without.
 *
 * The program's path is in the environment (SHAKEDOWN), where Meson puts it. Each test has a folder
 * of its own, so that what is left behind is seen. It knows nothing of what the program prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/cli-tests.h"

static char *own_folder;

const char *folder(void)
{
    return own_folder;
}

void folder_make(void)
{
    g_autoptr(GError) error = NULL;
    own_folder = g_dir_make_tmp("shakedown-XXXXXX", &error);
    ck_assert_msg(own_folder != NULL, "%s", error == NULL ? "" : error->message);
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    const char *name;
    while (listing != NULL && (name = g_dir_read_name(listing)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        remove_tree(inside);
    }
    g_remove(path);
}

void folder_remove(void)
{
    remove_tree(own_folder);
    g_clear_pointer(&own_folder, g_free);
}

void write_bytes(const char *name, const void *data, gsize size)
{
    g_autofree char *path = g_build_filename(own_folder, name, NULL);
    ck_assert(g_file_set_contents(path, data, (gssize)size, NULL));
}

void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

GString *read_file(const char *name)
{
    g_autofree char *path = g_build_filename(own_folder, name, NULL);
    g_autofree char *text = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(path, &text, &size, NULL), "there is no file %s", name);
    return g_string_new_len(text, (gssize)size);
}

bool file_exists(const char *name)
{
    g_autofree char *path = g_build_filename(own_folder, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

unsigned file_count(void)
{
    unsigned count = 0;
    g_autoptr(GDir) listing = g_dir_open(own_folder, 0, NULL);
    while (g_dir_read_name(listing) != NULL) /* hidden ones too */
        count++;
    return count;
}

void outcome_clear(Outcome *outcome)
{
    if (outcome->out != NULL)
        g_string_free(outcome->out, TRUE);
    g_free(outcome->err);
}

static void limit_file_size(gpointer data)
{
    const Around *around = data;
    struct rlimit limit = {.rlim_cur = around->file_size, .rlim_max = around->file_size};
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* A terminal; `*reader` is its other end. */
static int open_terminal(int *reader)
{
    *reader = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert(*reader >= 0 && grantpt(*reader) == 0 && unlockpt(*reader) == 0);
    int writer = open(ptsname(*reader), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert(writer >= 0);
    return writer;
}

/* A pipe that nobody reads any more. */
static int open_closed(void)
{
    int ends[2];
    ck_assert(pipe(ends) == 0);
    close(ends[0]);
    return ends[1];
}

static void read_terminal(int reader, GString *text)
{
    char chunk[4096];
    ssize_t got;
    while ((got = read(reader, chunk, sizeof chunk)) > 0) /* an error when all writers are gone */
        g_string_append_len(text, chunk, got);
    close(reader);
}

static GSubprocessLauncher *launcher_new(const Around *around, int *reader)
{
    bool caught = around->output_path == NULL && !around->terminal && !around->closed;
    GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDERR_PIPE;
    flags |= around->input != NULL ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0;
    flags |= caught ? G_SUBPROCESS_FLAGS_STDOUT_PIPE : 0;
    GSubprocessLauncher *launcher = g_subprocess_launcher_new(flags);
    g_subprocess_launcher_set_cwd(launcher, own_folder);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", around->terminal ? "C.UTF-8" : "C", TRUE);
    g_subprocess_launcher_setenv(launcher, "TERM", "xterm", TRUE);
    g_subprocess_launcher_unsetenv(launcher, "NO_COLOR");
    if (around->plain)
        g_subprocess_launcher_setenv(launcher, "NO_COLOR", "1", TRUE);
    if (around->input_path != NULL)
        g_subprocess_launcher_set_stdin_file_path(launcher, around->input_path);
    if (around->output_path != NULL)
        g_subprocess_launcher_set_stdout_file_path(launcher, around->output_path);
    if (around->terminal)
        g_subprocess_launcher_take_stdout_fd(launcher, open_terminal(reader));
    if (around->closed)
        g_subprocess_launcher_take_stdout_fd(launcher, open_closed());
    if (around->file_size > 0)
        g_subprocess_launcher_set_child_setup(launcher, limit_file_size, (gpointer)(gsize)around,
                                              NULL);
    return launcher;
}

static Outcome play(const Around *around, const char *const *words)
{
    Outcome outcome = {.status = -1, .out = g_string_new(NULL)};
    int reader = -1;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) input = NULL, out = NULL, err = NULL;
    GSubprocessLauncher *launcher = launcher_new(around, &reader);
    g_autoptr(GSubprocess) process = g_subprocess_launcher_spawnv(launcher, words, &error);
    g_object_unref(launcher); /* and with it the writing end of a terminal */
    ck_assert_msg(process != NULL, "%s", error == NULL ? "" : error->message);
    if (around->input != NULL)
        input = g_bytes_new_static(around->input, around->input_size > 0 ? (gsize)around->input_size
                                                                         : strlen(around->input));
    if (around->terminal)
        read_terminal(reader, outcome.out);
    ck_assert(g_subprocess_communicate(process, input, NULL, &out, &err, NULL));
    gsize size = 0;
    const char *data = out == NULL ? NULL : g_bytes_get_data(out, &size);
    if (size > 0)
        g_string_append_len(outcome.out, data, (gssize)size);
    data = g_bytes_get_data(err, &size);
    outcome.err = g_strndup(data == NULL ? "" : data, size);
    if (g_subprocess_get_if_exited(process))
        outcome.status = g_subprocess_get_exit_status(process);
    return outcome;
}

static const char *program(void)
{
    const char *path = g_getenv("SHAKEDOWN");
    ck_assert_msg(path != NULL, "SHAKEDOWN is not set to the program's path");
    return path;
}

Outcome shakedown(const Around *around, const char *first, ...)
{
    static const Around nothing;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, (gpointer)(gsize)program());
    va_list more;
    va_start(more, first);
    for (const char *word = first; word != NULL; word = va_arg(more, const char *))
        g_ptr_array_add(words, (gpointer)(gsize)word);
    va_end(more);
    g_ptr_array_add(words, NULL);
    return play(around == NULL ? &nothing : around, (const char *const *)words->pdata);
}

Outcome shakedown_words(char **words)
{
    static const Around nothing;
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_ptr_array_add(all, (gpointer)(gsize)program());
    for (char **word = words; *word != NULL; word++)
        g_ptr_array_add(all, *word);
    g_ptr_array_add(all, NULL);
    return play(&nothing, (const char *const *)all->pdata);
}

void assert_status(const Outcome *outcome, int status)
{
    ck_assert_msg(outcome->status == status, "exit status %d, not %d; it said: %s", outcome->status,
                  status, outcome->err);
}

void assert_says(const Outcome *outcome, const char *part)
{
    ck_assert_msg(strstr(outcome->err, part) != NULL, "it should say \"%s\", and says: %s", part,
                  outcome->err);
}

void assert_prints(const Outcome *outcome, const char *part)
{
    ck_assert_msg(strstr(outcome->out->str, part) != NULL, "it should print \"%s\", and prints: %s",
                  part, outcome->out->str);
}
