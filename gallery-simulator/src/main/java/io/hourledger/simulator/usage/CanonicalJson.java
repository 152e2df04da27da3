package io.hourledger.simulator.usage;

import java.util.Arrays;
import java.util.Iterator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The only form of a push body that is safe whatever the gallery means by "natural sorting" (koogallery.md, section 1.2): keys ascending
 * at every level, arrays in their order, no white space.
 */
final class CanonicalJson {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private CanonicalJson() {}

    /** Whether the bytes are what a server that sorts and writes the tree again would sign. */
    static boolean isCanonical(JsonNode root, byte[] bytes) {
        return keysAscend(root) && Arrays.equals(JSON.writeValueAsBytes(root), bytes);
    }

    private static boolean keysAscend(JsonNode node) {
        String before = "";
        for (Iterator<String> names = node.propertyNames().iterator(); names.hasNext(); ) {
            String name = names.next();
            if (name.compareTo(before) < 0) {
                return false;
            }
            before = name;
        }
        for (JsonNode child : node) {
            if (child.isContainer() && !keysAscend(child)) {
                return false;
            }
        }
        return true;
    }
}
