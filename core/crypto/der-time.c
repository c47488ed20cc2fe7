/* Times in DER.
 *
 * X.509 and OCSP know two types of time, and of the many ways to write one in them just one is
 * allowed: in UTC, to the second, without fractions. UTCTime has two digits for the year.
 *
 * This file knows no clock. Obeys RFC 5280 4.1.2.5; RFC 6960 4.2.2.1.
 */
#include "core/crypto/der.h"

static int digits(const uint8_t *at, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (at[i] - '0');
    return number;
}

/* RFC 5280 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, nothing else. */
bool der_take_time(Bytes *rest, int64_t *seconds)
{
    Der element;
    if (!der_next(rest, &element))
        return false;
    size_t year_digits = element.tag == DER_UTC_TIME ? 2 : 4;
    Bytes text = element.content;
    if ((element.tag != DER_UTC_TIME && element.tag != DER_GENERALIZED_TIME) ||
        text.size != year_digits + 11 || text.data[text.size - 1] != 'Z')
        return false;
    for (size_t i = 0; i + 1 < text.size; i++)
        if (!g_ascii_isdigit((char)text.data[i]))
            return false;
    int year = digits(text.data, year_digits);
    if (year_digits == 2)
        year += year >= 50 ? 1900 : 2000; /* RFC 5280 4.1.2.5.1 */
    const uint8_t *at = text.data + year_digits;
    g_autoptr(GDateTime) time =
        g_date_time_new_utc(year, digits(at, 2), digits(at + 2, 2), digits(at + 4, 2),
                            digits(at + 6, 2), digits(at + 8, 2));
    if (time == NULL)
        return false;
    *seconds = g_date_time_to_unix(time);
    return true;
}

/* UTCTime through 2049, GeneralizedTime from 2050 on. */
bool der_put_time(GByteArray *output, int64_t seconds, bool may_be_short)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
    if (time == NULL)
        return false;
    int year = g_date_time_get_year(time);
    bool is_short = may_be_short && year >= 1950 && year <= 2049;
    g_autofree char *text = g_strdup_printf(
        "%0*d%02d%02d%02d%02d%02dZ", is_short ? 2 : 4, is_short ? year % 100 : year,
        g_date_time_get_month(time), g_date_time_get_day_of_month(time), g_date_time_get_hour(time),
        g_date_time_get_minute(time), g_date_time_get_second(time));
    der_put(output, is_short ? DER_UTC_TIME : DER_GENERALIZED_TIME, bytes_from_text(text));
    return true;
}
