package io.hourledger.ledger.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ledger.instance.WithholdReason;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class WithheldUsageReasonsTest {

    @Test
    void whatever_a_person_can_end_is_in_the_figures_and_in_the_list() throws IllegalAccessException {
        List<String> endedByAPerson = new ArrayList<>();
        for (Field reason : WithholdReason.class.getFields()) {
            endedByAPerson.add((String) reason.get(null));
        }
        endedByAPerson.removeAll(
                List.of(WithholdReason.TEST, WithholdReason.NO_MARKETPLACE, WithholdReason.NOT_PAY_PER_USE));

        assertThat(WithheldUsage.REASONS).containsExactlyInAnyOrderElementsOf(endedByAPerson);
    }
}
