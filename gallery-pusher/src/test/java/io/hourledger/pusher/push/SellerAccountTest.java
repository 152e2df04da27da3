package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.pusher.push.PushRig.OnePusher;
import io.hourledger.pusher.push.SellerAccount.Beginning;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One database keeps the records of one seller account, whoever else is pointed at it. */
@Tag("servers")
class SellerAccountTest {

    private static final PushRig stack = new PushRig();

    private final ModelGallery gallery = new ModelGallery();

    @BeforeEach
    void theSellersDatabase() {
        stack.clear();
        belongsTo(PushRig.SELLER);
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    @Test
    void a_pusher_of_another_account_sends_nothing_of_this_one() {
        stack.issue(20);
        OnePusher ours = stack.pusher(gallery);
        OnePusher other = stack.pusherOf("another", gallery);

        assertThat(other.lease.current()).isEmpty();
        assertThat(other.pusher.push()).isInstanceOf(Pusher.Progress.NotYet.class);
        ours.pushAll();
        assertThat(stack.jdbc
                        .sql("select account from pusher.attempt")
                        .query(String.class)
                        .list())
                .containsOnly(PushRig.SELLER);
    }

    @Test
    void who_holds_the_lease_loses_it_when_the_database_is_another_accounts() {
        OnePusher ours = stack.pusher(gallery);
        assertThat(ours.lease.renewOrTake()).isPresent();
        belongsTo("another");
        assertThat(ours.lease.renewOrTake()).isEmpty();
    }

    @Test
    void a_new_account_waits_until_the_last_ones_lease_has_run_out() {
        OnePusher ours = stack.pusher(gallery);
        belongsTo("another");
        OnePusher other = stack.pusherOf("another", gallery);
        assertThat(other.lease.renewOrTake()).isEmpty();
        ours.lease.giveUp();
        assertThat(other.lease.renewOrTake()).isPresent();
    }

    @Test
    void of_two_first_starts_one_gives_the_database_its_name() throws Exception {
        stack.jdbc.sql("truncate pusher.seller_account").update();
        ExecutorService starts = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> claims = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String name = "seller-" + i;
                claims.add(() -> claimed(name));
            }
            int taken = 0;
            for (Future<Boolean> start : starts.invokeAll(claims)) {
                taken += start.get() ? 1 : 0;
            }
            assertThat(taken).isEqualTo(1);
        } finally {
            starts.shutdownNow();
        }
    }

    @Test
    void another_name_is_told_whose_database_it_is_and_what_to_do() {
        assertThatThrownBy(() -> SellerAccount.claim(stack.jdbc, "another", Beginning.REPORTS))
                .isInstanceOf(SellerAccountMismatchException.class)
                .hasMessageContaining("belongs to the seller account '" + PushRig.SELLER + "'")
                .hasMessageContaining("hourledger.pusher.account is 'another'")
                .hasMessageContaining("set it to '" + PushRig.SELLER + "'");
    }

    private static boolean claimed(String name) {
        try {
            SellerAccount.claim(stack.jdbc, name, Beginning.REPORTS);
            return true;
        } catch (SellerAccountMismatchException anothers) {
            return false;
        }
    }

    private static void belongsTo(String account) {
        stack.jdbc
                .sql("update pusher.seller_account set account = :account")
                .param("account", account)
                .update();
        if (stack.jdbc
                        .sql("select count(*) from pusher.seller_account")
                        .query(Long.class)
                        .single()
                == 0) {
            SellerAccount.claim(stack.jdbc, account, Beginning.REPORTS);
        }
    }
}
