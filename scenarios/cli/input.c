/* From what the command line names to plans.
 *
 * A name is looked up in the catalogue first, so that a stray file cannot take its place; a path
 * is a file; a part behind the last slash may be a case, spelled with its blanks or with dashes.
 * Files are read with a limit, so that a wrong one (a film, a device that never ends) costs
 * nothing. What is wrong with a scenario's words is the parser's to say.
 */
#include "scenarios/cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/catalogue.h"
#include "scenarios/language/diagnostics.h"

static bool find_text(Input *input, const char **wanted, Status *status);
static bool choose_case(Input *input, const char *wanted, Status *status);
static char *scenario_name(const Input *input);

Input *input_open(const char *target, Status *status)
{
    g_autoptr(Input) input = g_new0(Input, 1);
    g_autofree char *report = NULL;
    const char *wanted = NULL;
    input->target = g_strdup(target);
    if (!find_text(input, &wanted, status))
        return NULL;
    g_autofree char *name = scenario_name(input);
    input->scenario = scenario_parse(name, input->file, input->text, input->size, &report);
    if (input->scenario == NULL) {
        g_printerr("%s", report);
        *status = STATUS_USAGE;
        return NULL;
    }
    if (wanted != NULL && !choose_case(input, wanted, status))
        return NULL;
    return g_steal_pointer(&input);
}

void input_free(Input *input)
{
    if (input == NULL)
        return;
    g_free(input->file);
    g_free(input->target);
    g_free(input->text);
    if (input->scenario != NULL)
        scenario_free(input->scenario);
    g_free(input);
}

guint input_count(const Input *input)
{
    return input->only != NULL ? 1 : scenario_count(input->scenario);
}

Plan *input_plan(const Input *input, guint index)
{
    return input->only != NULL ? input->only : scenario_plan(input->scenario, index);
}

const char *input_case(const Plan *plan)
{
    const char *slash = strrchr(plan->name, '/');
    return slash == NULL ? plan->name : slash + 1;
}

char *input_word(const char *name)
{
    GString *word = g_string_new(NULL);
    for (const char *at = name; *at != '\0'; at++) {
        bool plain = (*at & 0x80) != 0 || g_ascii_isalnum(*at) || strchr("._+", *at) != NULL;
        if (plain)
            g_string_append_c(word, *at);
        else if (*at != '\'' && word->len > 0 && word->str[word->len - 1] != '-')
            g_string_append_c(word, '-');
    }
    return g_string_free(word, FALSE);
}

char *input_target(const Input *input, const Plan *plan)
{
    g_autofree char *word = input_word(input_case(plan));
    g_autofree char *target = input->scenario->cases->len == 0
                                  ? g_strdup(input->target)
                                  : g_strdup_printf("%s/%s", input->target, word);
    for (const char *at = target; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at) && strchr("-._/+", *at) == NULL)
            return g_shell_quote(target);
    return g_steal_pointer(&target);
}

/* "lesson" of "lessons/lesson.scn". */
static char *scenario_name(const Input *input)
{
    if (strcmp(input->target, "-") == 0)
        return g_strdup("stdin");
    char *name = g_path_get_basename(input->target);
    if (g_str_has_suffix(name, ".scn") && strlen(name) > strlen(".scn"))
        name[strlen(name) - strlen(".scn")] = '\0';
    if (g_utf8_validate(name, -1, NULL))
        return name;
    char *valid = g_utf8_make_valid(name, -1);
    g_free(name);
    return valid;
}

static bool refuse(Status *status, Status kind, const char *place, const char *reason)
{
    g_autofree char *name = g_filename_display_name(place);
    g_printerr("%s: error: %s\n", name, reason);
    *status = kind;
    return false;
}

/* Reads to the end of the file, and no more than a scenario may have. */
static bool read_limited(Input *input, int file, Status *status)
{
    GByteArray *bytes = g_byte_array_new();
    guint8 chunk[16384];
    gssize got = 0;
    while (bytes->len <= SCENARIO_FILE_MOST && (got = read(file, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        g_byte_array_append(bytes, chunk, (guint)got);
    }
    int number = errno;
    bool long_one = bytes->len > SCENARIO_FILE_MOST;
    input->size = bytes->len;
    input->text = (char *)g_byte_array_free(bytes, got < 0 || long_one);
    if (got < 0)
        return refuse(status, number == EISDIR ? STATUS_USAGE : STATUS_ENVIRONMENT, input->file,
                      g_strerror(number));
    if (long_one)
        return refuse(status, STATUS_USAGE, input->file,
                      "this is longer than the 1 MiB that a scenario may have");
    if (input->text == NULL)
        input->text = g_strdup("");
    return true;
}

static bool read_file(Input *input, const char *path, Status *status)
{
    struct stat about;
    input->file = g_filename_display_name(path);
    int file = g_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
    if (file < 0)
        return refuse(status,
                      errno == ENOENT || errno == ENOTDIR ? STATUS_USAGE : STATUS_ENVIRONMENT, path,
                      g_strerror(errno));
    bool read = false;
    if (fstat(file, &about) == 0 && S_ISDIR(about.st_mode))
        refuse(status, STATUS_USAGE, path, "this is a directory, not a scenario");
    else if (S_ISREG(about.st_mode) && about.st_size > SCENARIO_FILE_MOST)
        refuse(status, STATUS_USAGE, path,
               "this is longer than the 1 MiB that a scenario may have");
    else
        read = read_limited(input, file, status);
    close(file);
    return read;
}

static bool take_catalogue(Input *input, const char *name)
{
    g_autoptr(GBytes) text = catalogue_text(name);
    if (text == NULL)
        return false;
    const char *data = g_bytes_get_data(text, &input->size);
    input->text = g_strndup(data, input->size);
    input->file = g_strdup(name);
    return true;
}

static bool unknown_name(const char *name, Status *status)
{
    g_autofree const char **names = g_new0(const char *, catalogue_count() + 1);
    for (guint i = 0; i < catalogue_count(); i++)
        names[i] = catalogue_name(i);
    const char *near = nearest_word(name, names);
    g_autofree char *shown = g_filename_display_name(name);
    if (near != NULL)
        complain("no scenario and no file is called \"%s\"; did you mean \"%s\"?", shown, near);
    else
        complain("no scenario and no file is called \"%s\"; `shakedown list` names those that are "
                 "built in",
                 shown);
    *status = STATUS_USAGE;
    return false;
}

/* Cuts the case off the target: where its slash was there is an end now. NULL: no slash. */
static char *cut_case(char *target)
{
    char *slash = strrchr(target, '/');
    if (slash == NULL || slash == target || slash[1] == '\0')
        return NULL;
    *slash = '\0';
    return slash + 1;
}

/* Whether that looks like a path, so that what is wrong is the file and not the name. */
static bool looks_like_path(const char *target)
{
    return strchr(target, '/') != NULL || g_str_has_suffix(target, ".scn");
}

static bool find_text(Input *input, const char **wanted, Status *status)
{
    char *target = input->target;
    if (strcmp(target, "-") == 0) {
        input->file = g_strdup("standard input");
        return read_limited(input, STDIN_FILENO, status);
    }
    if (take_catalogue(input, target))
        return true;
    if (g_file_test(target, G_FILE_TEST_EXISTS))
        return read_file(input, target, status);
    g_autofree char *whole = g_strdup(target);
    *wanted = cut_case(target);
    if (*wanted != NULL && take_catalogue(input, target))
        return true;
    if (*wanted != NULL && g_file_test(target, G_FILE_TEST_EXISTS) &&
        !g_file_test(target, G_FILE_TEST_IS_DIR))
        return read_file(input, target, status);
    if (*wanted != NULL && strchr(target, '/') == NULL && !g_str_has_suffix(whole, ".scn") &&
        !g_file_test(target, G_FILE_TEST_IS_DIR))
        return unknown_name(target, status);
    return looks_like_path(whole) ? read_file(input, whole, status) : unknown_name(whole, status);
}

/* Cases are named as they are written, or as one word. */
static bool same_case(const char *name, const char *wanted)
{
    g_autofree char *word = input_word(name);
    g_autofree char *wanted_word = input_word(wanted);
    return g_ascii_strcasecmp(word, wanted_word) == 0;
}

static bool choose_case(Input *input, const char *wanted, Status *status)
{
    GPtrArray *cases = input->scenario->cases;
    g_autofree const char **names = g_new0(const char *, cases->len + 1);
    for (guint i = 0; i < cases->len; i++) {
        Plan *plan = g_ptr_array_index(cases, i);
        names[i] = input_case(plan);
        if (same_case(names[i], wanted))
            input->only = plan;
    }
    if (input->only != NULL)
        return true;
    const char *near = nearest_word(wanted, names);
    *status = STATUS_USAGE;
    if (cases->len == 0)
        complain("%s has no cases: run it as \"%s\"", input->file, input->target);
    else if (near != NULL)
        complain("%s has no case \"%s\"; did you mean \"%s\"?", input->file, wanted, near);
    else
        complain("%s has no case \"%s\"; `shakedown list --cases` names those that are built in",
                 input->file, wanted);
    return false;
}
