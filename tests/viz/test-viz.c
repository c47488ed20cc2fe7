/* Every way to show a run: listings, pictures, files.
 *
 * Runs made by hand (fixture.c) hold what no scenario brings together; golden files hold how they
 * look: the text of the ladder and the `.dot`, never SVG. What must be true of every picture and
 * listing (nothing cut, nothing crossed, no line too wide, a round trip through JSON) is asked of
 * every run of the catalogue as well.
 */
#include <stdlib.h>
#include <string.h>

#include "scenarios/catalogue.h"
#include "sim/world.h"
#include "tests/viz/viz-tests.h"

char *golden_name(const char *scenario, const char *suffix)
{
    g_autofree char *name = g_strconcat(scenario, suffix, NULL);
    return g_strdelimit(g_steal_pointer(&name), "/ ", '-');
}

void golden(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(GOLDEN_DIRECTORY, name, NULL);
    g_autofree char *expected = NULL;
    if (g_strcmp0(g_getenv("SHAKEDOWN_GOLDEN"), "write") == 0) {
        ck_assert(g_file_set_contents(path, text, -1, NULL));
        return;
    }
    ck_assert_msg(g_file_get_contents(path, &expected, NULL, NULL), "%s is not there", path);
    g_auto(GStrv) a = g_strsplit(expected, "\n", -1);
    g_auto(GStrv) b = g_strsplit(text, "\n", -1);
    for (guint i = 0; a[i] != NULL || b[i] != NULL; i++) {
        const char *left = a[i] == NULL ? "(end)" : a[i], *right = b[i] == NULL ? "(end)" : b[i];
        ck_assert_msg(strcmp(left, right) == 0, "%s:%u:\n  expected %s\n  got      %s", name, i + 1,
                      left, right);
        if (a[i] == NULL || b[i] == NULL)
            break;
    }
}

int main(void)
{
    CheckSuite *suite = suite_create("viz");
    suite_add_tcase(suite, listing_case());
    suite_add_tcase(suite, sequence_case());
    suite_add_tcase(suite, saved_case());
    suite_add_tcase(suite, texts_case());
    return support_run(suite);
}
