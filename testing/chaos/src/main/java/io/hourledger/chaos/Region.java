package io.hourledger.chaos;

/** What the filter of the load's filtered meter looks at. */
enum Region {
    /** Both versions of the catalogue take it. */
    EU("eu"),
    /** The second version takes it. */
    US("us"),
    /** No version takes it. */
    AP("ap");

    private final String word;

    Region(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    static Region ofWord(String word) {
        for (Region region : values()) {
            if (region.word.equals(word)) {
                return region;
            }
        }
        throw new IllegalArgumentException("no event of the load is of region " + word);
    }
}
