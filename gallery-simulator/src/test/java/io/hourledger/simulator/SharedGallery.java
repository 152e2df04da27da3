package io.hourledger.simulator;

import java.util.Map;

/** One simulator and one seller for all tests that need nothing special; each test has buyers of its own. */
public final class SharedGallery {

    public static final FakeSeller SELLER = new FakeSeller(Gallery.SELLER_KEY);
    public static final Gallery GALLERY = new Gallery("2026-05-04T09:30:00Z", Map.of());

    static {
        GALLERY.calls(SELLER);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            GALLERY.close();
            SELLER.close();
        }));
    }

    private SharedGallery() {}
}
