package io.hourledger.pusher.koogallery.callback;

/** A generation of KooGallery's callbacks (koogallery.md, section 4.1). */
enum Generation {
    /** V1.0, a GET. */
    FIRST(1),
    /** V2.0, a POST. */
    SECOND(2);

    private final int number;

    Generation(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
