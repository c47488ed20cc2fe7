/* Tests of DER and of distinguished names.
 *
 * Lengths at their edges, shapes that DER does not allow, names to DER and back with everything
 * that RFC 4514 escapes.
 */
#include "core/crypto/der.h"
#include "core/crypto/name.h"
#include "tests/crypto/crypto-tests.h"

START_TEST(lengths_go_round)
{
    static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
    static uint8_t content[65536];
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) output = g_byte_array_new();
        der_put(output, DER_OCTET_STRING, bytes_make(content, sizes[i]));
        Bytes rest = bytes_from_array(output), got;
        ck_assert(der_take(&rest, DER_OCTET_STRING, &got));
        ck_assert_uint_eq(got.size, sizes[i]);
        ck_assert_uint_eq(rest.size, 0);
        for (size_t cut = 0; cut < output->len && cut < 8; cut++) {
            Bytes shorter = bytes_make(output->data, output->len - 1 - cut);
            ck_assert(!der_take(&shorter, DER_OCTET_STRING, &got));
        }
    }
}
END_TEST

START_TEST(what_der_does_not_allow)
{
    static const char *const wrong[] = {
        "",                /* nothing */
        "04",              /* no length */
        "0480",            /* indefinite length */
        "04810161",        /* length not in its shortest form */
        "0482000161",      /* leading zero */
        "048500000000016", /* five bytes of length */
        "1f0101",          /* a tag of many bytes */
        "0402ff",          /* longer than what is there */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GByteArray) bytes = bytes_from_hex(wrong[i]);
        Bytes rest = bytes_from_array(bytes);
        Der element;
        ck_assert_msg(!der_next(&rest, &element), "%s", wrong[i]);
    }
    Bytes negative = hex("0201ff"), number;
    ck_assert(!der_take_number(&negative, &number));
    Bytes odd_bits = hex("03020380");
    ck_assert(!der_take_bits(&odd_bits, &number));
}
END_TEST

START_TEST(object_identifiers_are_dotted)
{
    g_autofree char *rsa = der_oid_text(hex("2a864886f70d010101"));
    g_autofree char *ce = der_oid_text(hex("551d13"));
    ck_assert_str_eq(rsa, "1.2.840.113549.1.1.1");
    ck_assert_str_eq(ce, "2.5.29.19");
    ck_assert_ptr_null(der_oid_text(hex("2a86")));
    ck_assert_ptr_null(der_oid_text(BYTES_NONE));
    ck_assert_ptr_null(der_oid_text(hex("ffffffffffffffffffffffff7f")));
}
END_TEST

START_TEST(names_have_one_canonical_spelling)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"CN=Alice, O=Lab", "CN=Alice,O=Lab"},
        {"cn=Alice , o = Lab", "CN=Alice,O=Lab"},
        {"CN=Alice+OU=Tests,O=Lab", "CN=Alice+OU=Tests,O=Lab"},
        {"CN=Smith\\, John", "CN=Smith\\, John"},
        {"CN=\\20edge\\20", "CN=\\ edge\\ "},
        {"CN=J\\C3\\BCrgen", "CN=Jürgen"},
        {"CN=#1", "CN=\\#1"},
        {"CN=a\\\\b\\\"c\\+d", "CN=a\\\\b\\\"c\\+d"},
        {"CN=zero\\00byte", "CN=zero\\00byte"},
        {"DC=lab,DC=example", "DC=lab,DC=example"},
        {"", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = name_canonical(cases[i].text);
        ck_assert_msg(got != NULL, "%s", cases[i].text);
        ck_assert_str_eq(got, cases[i].canonical);
        g_autofree char *again = name_canonical(got);
        ck_assert_str_eq(again, got);
    }
}
END_TEST

START_TEST(names_that_are_none)
{
    static const char *const wrong[] = {"Alice", "CN=", "CN=a,", "XX=a", "=a", "CN=a\\", ",CN=a"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Fault fault = FAULT_INIT;
        ck_assert_msg(name_encode(wrong[i], &fault) == NULL, "%s", wrong[i]);
        ck_assert_int_eq(fault.blame, FAULT_OF_USER);
    }
    ck_assert_ptr_null(name_text(hex("3003310101")));
    ck_assert_ptr_null(name_text(hex("30023100")));
}
END_TEST

/* The most specific part stands last in DER. */
START_TEST(names_are_written_from_the_root)
{
    g_autoptr(GByteArray) der = name_encode("CN=a,C=DE", NULL);
    assert_bytes(bytes_from_array(der),
                 hex("3019310b300906035504061302444531 0a300806035504030c0161"), "name");
    size_t offset = 0;
    ck_assert(name_last_byte(bytes_from_array(der), &offset));
    ck_assert_uint_eq(offset, der->len - 1);
}
END_TEST

START_TEST(names_are_equal_but_for_case_and_spaces)
{
    g_autoptr(GByteArray) a = name_encode("CN=The  Lab,O=X", NULL);
    g_autoptr(GByteArray) b = name_encode("CN=the lab,O=x", NULL);
    g_autoptr(GByteArray) c = name_encode("CN=the lab,O=y", NULL);
    ck_assert(name_equal(bytes_from_array(a), bytes_from_array(b)));
    ck_assert(!name_equal(bytes_from_array(a), bytes_from_array(c)));
}
END_TEST

TCase *der_tests(void)
{
    TCase *tests = tcase_create("der");
    tcase_add_test(tests, lengths_go_round);
    tcase_add_test(tests, what_der_does_not_allow);
    tcase_add_test(tests, object_identifiers_are_dotted);
    tcase_add_test(tests, names_have_one_canonical_spelling);
    tcase_add_test(tests, names_that_are_none);
    tcase_add_test(tests, names_are_written_from_the_root);
    tcase_add_test(tests, names_are_equal_but_for_case_and_spaces);
    return tests;
}
