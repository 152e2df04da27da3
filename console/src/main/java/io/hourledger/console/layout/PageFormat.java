package io.hourledger.console.layout;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes times and amounts, the same on every page: {@code 2026-11-24 14:00:00 UTC} and {@code 1,234.5678}, never rounded. */
public final class PageFormat {

    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);
    private static final String NOTHING = "–";
    private static final int MOST_DECIMALS = 340;
    private static final int LONGEST_ZONE = 50;

    static final PageFormat UTC = new PageFormat(ZoneOffset.UTC);

    private final ZoneId zone;

    private PageFormat(ZoneId zone) {
        this.zone = zone;
    }

    /** In a zone as a browser names it; in UTC if there is no such zone. */
    static PageFormat in(String zone) {
        try {
            return zone.equals("UTC") || zone.length() > LONGEST_ZONE ? UTC : new PageFormat(ZoneId.of(zone));
        } catch (DateTimeException noZone) {
            return UTC;
        }
    }

    /** Whose time the page shows, as a person writes it. */
    public String zoneName() {
        return zone.getId().equals("Z") ? "UTC" : zone.getId();
    }

    public ZoneId zone() {
        return zone;
    }

    /** To the second, with its zone. */
    public String time(@Nullable Instant moment) {
        return moment == null ? NOTHING : MOMENT.format(moment.atZone(zone)) + " " + shortZone(moment);
    }

    /** The same of a time that another service wrote; its own text if it is none. */
    public String timeOf(@Nullable String iso) {
        if (iso == null || iso.isEmpty()) {
            return NOTHING;
        }
        try {
            return time(Instant.parse(iso));
        } catch (DateTimeException noTime) {
            return iso;
        }
    }

    /** To the minute, with its zone: for starts of hours. */
    public String hour(@Nullable Instant moment) {
        return moment == null ? NOTHING : HOUR.format(moment.atZone(zone)) + " " + shortZone(moment);
    }

    private String shortZone(Instant moment) {
        if (zoneName().equals("UTC")) {
            return "UTC";
        }
        String offset = zone.getRules().getOffset(moment).getId();
        return offset.equals("Z") ? "+00:00" : offset;
    }

    /** All its decimals, thousands apart. */
    public String amount(@Nullable BigDecimal amount) {
        if (amount == null) {
            return NOTHING;
        }
        DecimalFormat format = new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT));
        format.setMaximumFractionDigits(MOST_DECIMALS);
        format.setRoundingMode(RoundingMode.UNNECESSARY);
        return format.format(amount.stripTrailingZeros());
    }

    /** The same, a dash for zero: so that what is there is seen. */
    public String amountOrDash(@Nullable BigDecimal amount) {
        return amount == null || amount.signum() == 0 ? NOTHING : amount(amount);
    }

    /** The same, nothing for what is not there: for cells that must stay small. */
    public String amountOrNothing(@Nullable BigDecimal amount) {
        return amount == null ? "" : amount(amount);
    }

    public String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    public String text(@Nullable String text) {
        return text == null || text.isEmpty() ? NOTHING : text;
    }
}
