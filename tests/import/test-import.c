/* The runner of the tests of captures.
 *
 * Our own captures read back, packets as networks really deliver them, and files that nobody should
 * have to read.
 */
#include "tests/import/import-tests.h"

int main(void)
{
    CheckSuite *suite = suite_create("import");
    TCase *all = tcase_create("import");
    tcase_set_timeout(all, 300);
    tcase_add_checked_fixture(all, folder_make, folder_remove);
    add_catalogue_tests(all);
    add_packet_tests(all);
    add_prologue_tests(all);
    add_hostile_tests(all);
    suite_add_tcase(suite, all);
    TCase *again = tcase_create("again");
    tcase_set_timeout(again, 300);
    tcase_add_checked_fixture(again, folder_make, folder_remove);
    add_reenact_tests(again);
    suite_add_tcase(suite, again);
    return support_run(suite);
}
