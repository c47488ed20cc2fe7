/* Writing, so that nobody is left with half of something.
 *
 * A file is written under a name of its own in the folder of its target, synced to the disk and
 * only then renamed: whoever looks sees the old content or the new one. What cannot be renamed onto
 * (a device, a pipe) is written to directly. While the temporary file exists, signals that would
 * end the program wait, so that none is left behind. Signals that a failing write would raise are
 * ignored: the write's own error is told instead. What is written is nobody's business here.
 */
#include "scenarios/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(GError **error, const char *place, const char *what, int number);
static bool write_all(int file, const char *data, gsize size);
static bool write_beside(const char *path, const char *data, gsize size, OutputMode mode,
                         mode_t permissions, GError **error);
static bool write_through(const char *path, const char *data, gsize size, GError **error);

void output_init(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

bool output_stdout(const void *data, gsize size, GError **error)
{
    return write_all(STDOUT_FILENO, data, size) ||
           fail(error, "standard output", "cannot be written", errno);
}

bool output_file(const char *path, const void *data, gsize size, OutputMode mode, GError **error)
{
    struct stat old;
    if (stat(path, &old) != 0)
        return write_beside(path, data, size, mode, 0, error);
    if (S_ISDIR(old.st_mode))
        return fail(error, path, "cannot be written", EISDIR);
    if (!S_ISREG(old.st_mode))
        return write_through(path, data, size, error);
    if (mode == OUTPUT_CREATE)
        return fail(error, path, "is left as it is", EEXIST);
    if (access(path, W_OK) != 0)
        return fail(error, path, "cannot be written", errno);
    g_autofree char *target = realpath(path, NULL); /* what a link leads to */
    return write_beside(target == NULL ? path : target, data, size, mode, old.st_mode & 07777,
                        error);
}

static bool fail(GError **error, const char *place, const char *what, int number)
{
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number), "%s %s: %s", place,
                what, g_strerror(number));
    return false;
}

static bool write_all(int file, const char *data, gsize size)
{
    while (size > 0) {
        gssize written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (gsize)written;
    }
    return true;
}

/* The permissions of a new file. */
static mode_t default_permissions(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Fills the temporary file and closes it; 0 or the error's number. */
static int fill(int file, const char *data, gsize size, mode_t permissions)
{
    int number = 0;
    if (!write_all(file, data, size) || fchmod(file, permissions) != 0 || fsync(file) != 0)
        number = errno;
    if (close(file) != 0 && number == 0)
        number = errno;
    return number;
}

/* Gives the temporary file its name; 0 or the error's number. */
static int put_in_place(const char *temporary, const char *path, OutputMode mode)
{
    if (mode == OUTPUT_REPLACE)
        return rename(temporary, path) == 0 ? 0 : errno;
    if (link(temporary, path) != 0) /* unlike a rename it never replaces */
        return errno;
    unlink(temporary);
    return 0;
}

static bool write_beside(const char *path, const char *data, gsize size, OutputMode mode,
                         mode_t permissions, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *temporary = g_build_filename(folder, ".shakedown-XXXXXX", NULL);
    sigset_t ending, before;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigprocmask(SIG_BLOCK, &ending, &before);
    int file = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    int number = file < 0 ? errno : 0;
    if (file >= 0) {
        number = fill(file, data, size, permissions == 0 ? default_permissions() : permissions);
        if (number == 0)
            number = put_in_place(temporary, path, mode);
        if (number != 0)
            unlink(temporary);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return number == 0 || fail(error, path, "cannot be written", number);
}

static bool write_through(const char *path, const char *data, gsize size, GError **error)
{
    int file = g_open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY, 0);
    if (file < 0)
        return fail(error, path, "cannot be written", errno);
    int number = write_all(file, data, size) ? 0 : errno;
    if (close(file) != 0 && number == 0)
        number = errno;
    return number == 0 || fail(error, path, "cannot be written", number);
}
