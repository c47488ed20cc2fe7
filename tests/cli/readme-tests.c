/* README.md is true: what it prints is what the program prints, its scenarios run, its commands
 * work, those in its tables as well.
 *
 * Blocks are told apart by the word behind their fence: `text` is output (of the scenario that is
 * named there, or of normal), `scn` a scenario with the name of its file, `sh` commands, a line
 * each. Each command is run as it stands, with the built program in place of build/shakedown. In
 * tables a command stands in backticks without the program's name.
 */
#include <stdio.h>
#include <string.h>

#include "tests/cli/cli-tests.h"

typedef struct {
    char *about; /* what stands behind the kind: "lesson.scn"; or "" */
    char *text;
} Block;

static void block_free(gpointer data)
{
    Block *block = data;
    g_free(block->about);
    g_free(block->text);
    g_free(block);
}

static char *readme(void)
{
    char *text = NULL;
    ck_assert(g_file_get_contents(SOURCE_ROOT "/README.md", &text, NULL, NULL));
    return text;
}

/* The blocks of that kind, of Block *; g_ptr_array_unref. */
static GPtrArray *blocks(const char *kind)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(block_free);
    g_autofree char *text = readme();
    g_autofree char *fence = g_strdup_printf("\n```%s", kind);
    for (const char *at = strstr(text, fence); at != NULL; at = strstr(at, fence)) {
        at += strlen(fence);
        const char *line = strchr(at, '\n');
        const char *end = strstr(at, "\n```\n");
        ck_assert(line != NULL && end != NULL && line < end);
        Block *block = g_new0(Block, 1);
        block->about = g_strstrip(g_strndup(at, (gsize)(line - at)));
        block->text = g_strndup(line + 1, (gsize)(end - line));
        g_ptr_array_add(found, block);
        at = end;
    }
    return found;
}

static void write_scenarios(void)
{
    g_autoptr(GPtrArray) scenarios = blocks("scn");
    ck_assert_uint_eq(scenarios->len, 2);
    for (guint i = 0; i < scenarios->len; i++) {
        const Block *block = g_ptr_array_index(scenarios, i);
        write_text(block->about, block->text);
    }
}

START_TEST(its_output_is_printed)
{
    g_autoptr(GPtrArray) texts = blocks("text");
    ck_assert_uint_eq(texts->len, 3);
    write_scenarios();
    for (guint i = 0; i < texts->len; i++) {
        const Block *block = g_ptr_array_index(texts, i);
        const char *name = *block->about == '\0' ? "normal" : block->about;
        g_auto(Outcome) outcome = shakedown(NULL, "run", name, NULL);
        assert_status(&outcome, 0);
        assert_prints(&outcome, block->text);
    }
}
END_TEST

/* A build without a stack has none of its scenarios and options. */
static bool is_left_out(const char *command)
{
    if (strstr(command, "openssl") == NULL && strstr(command, "gnutls") == NULL)
        return false;
    g_auto(Outcome) peers = shakedown(NULL, "show", "peers", NULL);
    return strstr(peers.out->str, "not built in") != NULL;
}

static void command_works(const char *command)
{
    if (is_left_out(command)) {
        printf("# SKIP %s: the program is built without that stack\n", command);
        return;
    }
    g_auto(GStrv) words = g_strsplit(command, " ", -1);
    g_auto(Outcome) outcome = shakedown_words(words);
    ck_assert_msg(outcome.status == 0, "%s: %d: %s", command, outcome.status, outcome.err);
}

START_TEST(its_commands_work)
{
    g_autoptr(GPtrArray) commands = blocks("sh");
    write_scenarios();
    for (guint i = 0; i < commands->len; i++) {
        const Block *block = g_ptr_array_index(commands, i);
        g_auto(GStrv) lines = g_strsplit(block->text, "\n", -1);
        for (char **line = lines; **line != '\0'; line++) {
            ck_assert_msg(g_str_has_prefix(*line, "build/shakedown "), "%s", *line);
            command_works(*line + strlen("build/shakedown "));
        }
    }
    ck_assert(file_exists("normal.svg") && file_exists("lesson.svg") && file_exists("mine.scn"));
    ck_assert(file_exists("recorded-with-it.svg") &&
              file_exists("recorded-without-forward-secrecy.svg"));
}
END_TEST

/* `run NAME …`, `draw NAME …` and `show TABLE` in the tables. */
START_TEST(its_tables_work)
{
    g_autofree char *text = readme();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned count = 0;
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, "`", -1);
        for (guint i = 1; **line == '|' && i < g_strv_length(parts); i += 2) {
            if (strchr(parts[i], ' ') == NULL || *parts[i] == '-')
                continue;
            command_works(parts[i]);
            count++;
        }
    }
    ck_assert_uint_ge(count, 20);
}
END_TEST

/* It names every table that `show` prints. */
START_TEST(its_topics_are_all)
{
    g_autofree char *text = readme();
    const char *at = strstr(text, "The program's tables print with `show`:");
    ck_assert_ptr_nonnull(at);
    g_auto(Outcome) names = shakedown(NULL, "show", "--names", NULL);
    g_auto(GStrv) topics = g_strsplit(names.out->str, "\n", -1);
    for (char **topic = topics; **topic != '\0'; topic++)
        ck_assert_msg(strstr(at, *topic) != NULL, "README.md does not name %s", *topic);
}
END_TEST

void add_readme_tests(TCase *tests)
{
    tcase_add_test(tests, its_output_is_printed);
    tcase_add_test(tests, its_commands_work);
    tcase_add_test(tests, its_tables_work);
    tcase_add_test(tests, its_topics_are_all);
}
