package sluice.proxy.files;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates in header fields, RFC 9110 section 5.6.7: written in the one form, read in all three. */
public final class HttpDate {
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);
    private static final List<DateTimeFormatter> FORMS = List.of(
            FORM,
            new DateTimeFormatterBuilder()
                    .appendPattern("EEEE, dd-MMM-")
                    .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
                    .appendPattern(" HH:mm:ss 'GMT'")
                    .toFormatter(Locale.ENGLISH),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH));

    private HttpDate() {}

    /** The text for a time in seconds since 1970, which never has a fraction. */
    public static String of(long seconds) {
        return FORM.format(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC));
    }

    static String of(Instant instant) {
        return of(instant.getEpochSecond());
    }

    /** Seconds since 1970, or null when it is no date: a condition with one is as if it were not there. */
    static @Nullable Long parse(String text) {
        for (DateTimeFormatter form : FORMS) {
            try {
                return LocalDateTime.parse(text, form).toEpochSecond(ZoneOffset.UTC);
            } catch (DateTimeException e) {
                // Perhaps in another form.
            }
        }
        return null;
    }
}
