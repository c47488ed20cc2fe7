/* README.md is true: its ladder is what the program prints, its scenario runs, its commands work.
 *
 * Blocks are told apart by the word behind their fence: `text` is output, `scn` a scenario that is
 * called lesson.scn, `sh` commands, a line each. Each command is run as it stands, with the built
 * program in place of build/shakedown.
 */
#include <string.h>

#include "tests/cli/cli-tests.h"

/* The blocks of that kind, of char *; g_ptr_array_unref. */
static GPtrArray *blocks(const char *kind)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = NULL;
    g_autofree char *fence = g_strdup_printf("\n```%s\n", kind);
    ck_assert(g_file_get_contents(SOURCE_ROOT "/README.md", &text, NULL, NULL));
    for (const char *at = strstr(text, fence); at != NULL; at = strstr(at, fence)) {
        at += strlen(fence);
        const char *end = strstr(at, "\n```\n");
        ck_assert(end != NULL);
        g_ptr_array_add(found, g_strndup(at, (gsize)(end - at)));
        at = end;
    }
    return found;
}

START_TEST(its_ladder_is_printed)
{
    g_autoptr(GPtrArray) texts = blocks("text");
    ck_assert_uint_eq(texts->len, 2);
    g_auto(Outcome) outcome = shakedown(NULL, "run", "normal", NULL);
    assert_status(&outcome, 0);
    for (guint i = 0; i < texts->len; i++)
        assert_prints(&outcome, g_ptr_array_index(texts, i));
}
END_TEST

START_TEST(its_commands_work)
{
    g_autoptr(GPtrArray) scenarios = blocks("scn");
    g_autoptr(GPtrArray) commands = blocks("sh");
    ck_assert_uint_eq(scenarios->len, 1);
    g_autofree char *lesson = g_strconcat(g_ptr_array_index(scenarios, 0), "\n", NULL);
    write_text("lesson.scn", lesson);
    for (guint i = 0; i < commands->len; i++) {
        g_auto(GStrv) lines = g_strsplit(g_ptr_array_index(commands, i), "\n", -1);
        for (char **line = lines; *line != NULL; line++) {
            g_auto(GStrv) words = g_strsplit(*line, " ", -1);
            ck_assert_msg(strcmp(words[0], "build/shakedown") == 0, "%s", *line);
            g_auto(Outcome) outcome = shakedown_words(words + 1);
            ck_assert_msg(outcome.status == 0, "%s: %d: %s", *line, outcome.status, outcome.err);
        }
    }
    ck_assert(file_exists("normal.svg") && file_exists("attack.png") && file_exists("mine.scn"));
}
END_TEST

void add_readme_tests(TCase *tests)
{
    tcase_add_test(tests, its_ladder_is_printed);
    tcase_add_test(tests, its_commands_work);
}
