package io.hourledger.ledger.instance;

/**
 * What a seller account has settled where the marketplace's rules are unknown or leave a choice. When in doubt, hold.
 *
 * @param lateWindow where usage goes whose hour has a record already
 * @param volumeExtra what becomes of a further record in an hour under volume pricing
 * @param usageBeforeOpened what becomes of usage in the opening hour from before the opening
 * @param freezeAtRenewal what a renewal makes of a freeze
 * @param packages how usage is drawn from packages
 * @param reportingStart from which hour on usage is reported
 */
public record SellerPolicy(
        LateWindow lateWindow,
        VolumeExtra volumeExtra,
        UsageBeforeOpened usageBeforeOpened,
        FreezeAtRenewal freezeAtRenewal,
        PackagePolicy packages,
        ReportingStart reportingStart) {

    /** One under which every hour is reported. */
    public SellerPolicy(
            LateWindow lateWindow,
            VolumeExtra volumeExtra,
            UsageBeforeOpened usageBeforeOpened,
            FreezeAtRenewal freezeAtRenewal,
            PackagePolicy packages) {
        this(lateWindow, volumeExtra, usageBeforeOpened, freezeAtRenewal, packages, ReportingStart.ALWAYS);
    }

    /** What a new account starts with. */
    public static final SellerPolicy CAUTIOUS = new SellerPolicy(
            LateWindow.HOLD, VolumeExtra.HOLD, UsageBeforeOpened.HOLD, FreezeAtRenewal.ENDS, PackagePolicy.CAUTIOUS);

    public SellerPolicy with(LateWindow other) {
        return new SellerPolicy(other, volumeExtra, usageBeforeOpened, freezeAtRenewal, packages, reportingStart);
    }

    public SellerPolicy with(PackagePolicy other) {
        return new SellerPolicy(lateWindow, volumeExtra, usageBeforeOpened, freezeAtRenewal, other, reportingStart);
    }

    public SellerPolicy with(ReportingStart other) {
        return new SellerPolicy(lateWindow, volumeExtra, usageBeforeOpened, freezeAtRenewal, packages, other);
    }

    /** What holds when a person has looked at it. */
    SellerPolicy forAPerson() {
        return new SellerPolicy(
                lateWindow == LateWindow.HOLD ? LateWindow.SHORTER : lateWindow,
                VolumeExtra.BILL,
                usageBeforeOpened,
                freezeAtRenewal,
                packages.forAPerson(),
                reportingStart);
    }

    /** The window of usage whose hour has a record already. */
    public enum LateWindow {
        /** None: it is withheld for a person. */
        HOLD,
        /** One second shorter than the shortest used, from the same begin. */
        SHORTER,
        /** One second each of the hour's last 60, which first records leave free. */
        RESERVED_TAIL
    }

    /** A further record in an hour, where how usage is cut changes the price. */
    public enum VolumeExtra {
        HOLD,
        BILL
    }

    /** Usage that outran the opening. */
    public enum UsageBeforeOpened {
        HOLD,
        BILL
    }

    /**
     * A freeze that a renewal meets. The marketplace says that renewing unfreezes, and not whether it also calls to unfreeze. Usage that is
     * billed while the marketplace still has the instance frozen is refused by it and comes before a person. Usage that stays withheld for
     * want of a call would be too old one day.
     */
    public enum FreezeAtRenewal {
        /** A renewal into a term that runs ends it. */
        ENDS,
        /** Only a call to unfreeze ends it. */
        STAYS
    }
}
