package io.hourledger.pusher.koogallery;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.marketplace.RecordCode;
import io.hourledger.pusher.marketplace.Rejection;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class KooGalleryCodesTest {

    /** The table of koogallery.md, section 1.5. */
    @Test
    void each_record_code_means_what_is_documented() {
        assertThat(IntStream.rangeClosed(1, 14)
                        .mapToObj("%03d"::formatted)
                        .map(code -> code + " " + KooGalleryCodes.ofRecord(code)))
                .containsExactly(
                        "001 REFUSED_TODAY",
                        "002 ALWAYS_REFUSED",
                        "003 ALWAYS_REFUSED",
                        "004 ALWAYS_REFUSED",
                        "005 DUPLICATE",
                        "006 REFUSED_TODAY",
                        "007 REFUSED_TODAY",
                        "008 UNDOCUMENTED",
                        "009 REFUSED_TODAY",
                        "010 DUPLICATE",
                        "011 REFUSED_TODAY",
                        "012 REFUSED_TODAY",
                        "013 WHILE_FROZEN",
                        "014 UNDOCUMENTED");
        assertThat(KooGalleryCodes.ofRecord("")).isEqualTo(Rejection.UNDOCUMENTED);
    }

    /** The ledger must not take from a person as refused what the adapter knows as a duplicate. */
    @Test
    void a_duplicate_here_is_a_duplicate_to_the_ledger() {
        assertThat(IntStream.rangeClosed(0, 999)
                        .mapToObj("%03d"::formatted)
                        .filter(code -> KooGalleryCodes.ofRecord(code) == Rejection.DUPLICATE))
                .isNotEmpty()
                .allMatch(RecordCode::meansDuplicate);
    }
}
