/* The runner of the tests of core/crypto.
 *
 * Each test runs in a process of its own (Check's fork mode), so that a crash costs one test. The
 * output is TAP, and the exit status is 0 whatever failed: Meson reads the TAP and would count a
 * failing status as one failure more.
 */
#include <stdlib.h>

#include "tests/crypto/crypto-tests.h"

int main(void)
{
    CheckSuite *suite = suite_create("crypto");
    suite_add_tcase(suite, hash_tests());
    suite_add_tcase(suite, random_tests());
    suite_add_tcase(suite, suite_tests());
    suite_add_tcase(suite, suite_names_tests());
    suite_add_tcase(suite, schedule_tests());
    suite_add_tcase(suite, hkdf_tests());
    suite_add_tcase(suite, aead_tests());
    suite_add_tcase(suite, protection_tests());
    suite_add_tcase(suite, record_answers_tests());
    suite_add_tcase(suite, record_evp_tests());
    suite_add_tcase(suite, ssl2_tests());
    suite_add_tcase(suite, compression_tests());
    suite_add_tcase(suite, key_tests());
    suite_add_tcase(suite, der_tests());
    suite_add_tcase(suite, certificate_tests());
    suite_add_tcase(suite, checks_tests());
    suite_add_tcase(suite, opinion_tests());
    suite_add_tcase(suite, wycheproof_tests());
    suite_add_tcase(suite, curve_answers_tests());
    suite_add_tcase(suite, group_tests());
    suite_add_tcase(suite, scheme_tests());
    suite_add_tcase(suite, key_kinds_tests());
    suite_add_tcase(suite, certificate_kinds_tests());
    suite_add_tcase(suite, ocsp_tests());
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    srunner_free(runner);
    return EXIT_SUCCESS;
}
