package io.hourledger.chaos;

import java.util.List;
import java.util.Map;

/** Which services a stack has beside broker and database, and what they are told beyond what every stack tells them. */
interface StackOutline {

    /** In the order of their start. */
    List<StackPart> services();

    /** What all of them are told. */
    Map<String, Object> settings(ChaosStack stack);

    /** What one of them is told alone. */
    default Map<String, Object> settings(StackPart part, ChaosStack stack) {
        return Map.of();
    }
}
