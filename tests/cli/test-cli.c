/* The command, tested from outside: the built program is run with the words a user would type, and
 * its exit status, what it prints, what it says and the files it leaves are compared.
 *
 * run-tests.c: what runs print. form-tests.c: the other verbs, help and lists. input-tests.c: bad
 * input. output-tests.c: outputs that cannot be written. read-tests.c: captures. readme-tests.c:
 * README.md is true.
 */
#include "tests/cli/cli-tests.h"

int main(void)
{
    static void (*const adders[])(TCase *) = {add_run_tests,    add_form_tests, add_input_tests,
                                              add_output_tests, add_read_tests, add_readme_tests};
    static const char *const names[] = {"run", "form", "input", "output", "read", "readme"};
    CheckSuite *suite = suite_create("cli");
    for (size_t i = 0; i < G_N_ELEMENTS(adders); i++) {
        TCase *tests = tcase_create(names[i]);
        tcase_set_timeout(tests, 120);
        tcase_add_checked_fixture(tests, folder_make, folder_remove);
        adders[i](tests);
        suite_add_tcase(suite, tests);
    }
    return support_run(suite);
}
