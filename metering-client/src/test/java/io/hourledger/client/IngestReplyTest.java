package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.client.SendResult.Fate;
import io.hourledger.client.SendResult.Reach;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class IngestReplyTest {

    private static final String ALL_ACCEPTED =
            """
            {"accepted":3,"rejected":0,"unavailable":0,"items":[]}""";

    private static final String ONE_REJECTED =
            """
            {"code":"partly_rejected","accepted":2,"rejected":1,"unavailable":0,"items":[
             {"index":1,"id":"a-1","status":"rejected","code":"too_old","field":"time","detail":"too long ago"}]}""";

    private static final String ONE_UNAVAILABLE =
            """
            {"code":"unconfirmed","accepted":2,"rejected":0,"unavailable":1,"items":[
             {"index":2,"id":"a-2","status":"unavailable","code":"unconfirmed","detail":"not confirmed"}]}""";

    @Test
    void with_202_and_a_count_of_all_the_service_has_all() {
        assertThat(fates(new IngestReply(202, "", ALL_ACCEPTED).readFor(3)))
                .containsExactly(Fate.ACCEPTED, Fate.ACCEPTED, Fate.ACCEPTED);
    }

    /** As a gateway says that queues requests, or whatever listens at a wrong address. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "{}",
                "queued",
                "{'status':'accepted'}",
                "{'accepted':3,'rejected':0,'unavailable':0}",
                "{'accepted':2,'rejected':0,'unavailable':0,'items':[]}",
                "{'accepted':4,'rejected':0,'unavailable':0,'items':[]}",
                "{'accepted':3,'rejected':1,'unavailable':0,'items':[]}",
                "{'accepted':3,'rejected':0,'unavailable':1,'items':[]}",
                "{'accepted':3,'rejected':0,'items':[]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[{'index':0,'status':'rejected','code':'x'}]}",
                "{'accepted':3,'rejected':0,'unavailable':0,'items':[{'index':0,'status':'unavailable'}]}"
            })
    void a_202_that_does_not_say_that_all_is_accepted_has_taken_nothing(String answer) {
        SendResult result = new IngestReply(202, "", answer.replace('\'', '"')).readFor(3);

        assertThat(fates(result)).containsExactly(Fate.UNCLEAR, Fate.UNCLEAR, Fate.UNCLEAR);
        assertThat(result.reach()).isEqualTo(Reach.ALL);
        assertThat(result.cause()).isEqualTo("HTTP 202 that does not count all usages as accepted");
    }

    @ParameterizedTest
    @ValueSource(ints = {207, 400, 503})
    void one_rejected_usage_holds_up_no_other(int status) {
        SendResult result = new IngestReply(status, "", ONE_REJECTED).readFor(3);

        assertThat(fates(result)).containsExactly(Fate.ACCEPTED, Fate.REJECTED, Fate.ACCEPTED);
        assertThat(result.items().get(1)).isEqualTo(SendResult.Item.rejected("too_old", "time", "too long ago"));
        assertThat(result.reach()).isEqualTo(Reach.ITEMS);
    }

    @Test
    void one_unconfirmed_usage_alone_is_sent_again() {
        SendResult result = new IngestReply(503, "2", ONE_UNAVAILABLE).readFor(3);

        assertThat(fates(result)).containsExactly(Fate.ACCEPTED, Fate.ACCEPTED, Fate.UNCLEAR);
        assertThat(result.reach()).isEqualTo(Reach.ITEMS);
        assertThat(result.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 204, 301, 302, 401, 403, 404, 405, 415, 429, 500, 502, 503, 504})
    void an_answer_without_items_has_taken_nothing_and_all_wait(int status) {
        SendResult result = new IngestReply(status, "", "<html>sorry</html>").readFor(2);

        assertThat(fates(result)).containsExactly(Fate.UNCLEAR, Fate.UNCLEAR);
        assertThat(result.reach()).isEqualTo(Reach.ALL);
    }

    /** Only what the service itself says is certain: a gateway may refuse, or rewrite the answer, when all is taken. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "429 | {'code':'too_many_requests'} | NOT_TAKEN",
                "401 | {'code':'unauthorized'} | NOT_TAKEN",
                "503 | {'code':'busy'} | NOT_TAKEN",
                "503 | {'code':'unconfirmed'} | UNCLEAR",
                "500 | {'code':'internal'} | UNCLEAR",
                "503 | sorry | UNCLEAR",
                "403 | sorry | UNCLEAR",
                "400 | {'code':'nothing_accepted','items':[]} | UNCLEAR",
                "503 | {'accepted':0,'rejected':0,'unavailable':1,'items':[{'index':0,'status':'unavailable',"
                        + "'code':'busy'}]} | NOT_TAKEN",
                "503 | {'accepted':0,'rejected':0,'unavailable':1,'items':[{'index':0,'status':'unavailable',"
                        + "'code':'internal'}]} | NOT_TAKEN",
                "503 | {'accepted':0,'rejected':0,'unavailable':1,'items':[{'index':0,'status':'unavailable',"
                        + "'code':'unconfirmed'}]} | UNCLEAR",
            })
    void only_the_service_itself_says_for_certain_that_nothing_is_taken(int status, String answer, Fate fate) {
        assertThat(fates(new IngestReply(status, "", answer.replace('\'', '"')).readFor(1)))
                .containsExactly(fate);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 408, 413})
    void what_may_be_too_much_is_split(int status) {
        SendResult result = new IngestReply(status, "", "{\"code\":\"body_too_large\"}").readFor(2);

        assertThat(fates(result)).containsExactly(Fate.NOT_TAKEN, Fate.NOT_TAKEN);
        assertThat(result.reach()).isEqualTo(Reach.TOO_MUCH);
    }

    @Test
    void alone_and_too_large_in_the_services_own_words_is_rejected() {
        SendResult result = new IngestReply(413, "", "{\"code\":\"body_too_large\",\"detail\":\"4 MB\"}").readFor(1);

        assertThat(result.items()).containsExactly(SendResult.Item.rejected("body_too_large", "", "4 MB"));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 408, 413})
    void alone_and_refused_by_a_stranger_it_waits_and_holds_up_no_other(int status) {
        SendResult result = new IngestReply(status, "", "<html>blocked</html>").readFor(1);

        assertThat(fates(result)).containsExactly(Fate.UNCLEAR);
        assertThat(result.reach()).isEqualTo(Reach.ITEMS);
    }

    /** When the answer does not account for every usage, no usage counts as taken. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[]}",
                "{'accepted':3,'rejected':0,'unavailable':0,'items':[{'index':0,'status':'rejected'}]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[{'index':3,'status':'rejected'}]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[{'index':-1,'status':'rejected'}]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[{'index':1.5,'status':'rejected'}]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[{'index':1,'status':'postponed'}]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':[1]}",
                "{'rejected':1,'unavailable':0,'items':[{'index':1,'status':'rejected'}]}",
                "{'accepted':2,'rejected':1,'unavailable':0,'items':{}}",
                "{'accepted':2,'rejected':0,'unavailable':1,'items':[{'index':1,'status':'rejected','code':'x'}]}",
                "{'accepted':2,'items':[{'index':1,'status':'unavailable'}]}"
            })
    void an_answer_that_does_not_add_up_has_taken_nothing(String answer) {
        SendResult result = new IngestReply(503, "", answer.replace('\'', '"')).readFor(3);

        assertThat(fates(result)).containsExactly(Fate.UNCLEAR, Fate.UNCLEAR, Fate.UNCLEAR);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "2,2",
        "120,120",
        "86400,300",
        "999999999999,",
        "-1,",
        "soon,",
        "'Wed, 21 Oct 2026 07:28:00 GMT',"
    })
    void a_wait_is_as_long_as_asked_within_a_bound(String header, Long seconds) {
        assertThat(new IngestReply(503, header, "").readFor(1).retryAfter())
                .isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
    }

    private static List<Fate> fates(SendResult result) {
        return result.items().stream().map(SendResult.Item::fate).toList();
    }
}
