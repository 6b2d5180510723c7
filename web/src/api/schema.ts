// Made from the OpenAPI document by `npm run api`. Do not change it by hand.

export interface paths {
    "/api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as a page to read */
        get: operations["docs_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs/page.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How that page looks */
        get: operations["docs_style"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs/page.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What makes that page of this document */
        get: operations["docs_script"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What moderators and admins did, newest first */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everyone's background work, newest first */
        get: operations["list_all_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Say how urgent a job is, and all work on the same video */
        patch: operations["update_job"];
        trace?: never;
    };
    "/api/v1/admin/registrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts that wait to be let in, those that wait longest first */
        get: operations["list_registrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/registrations/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Turn somebody away; the account is removed */
        delete: operations["refuse_registration"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/registrations/{userId}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let somebody in */
        post: operations["approve_registration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people report, newest first */
        get: operations["list_reports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/reports/{reportId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Close a report or open it again, and write a note to it */
        patch: operations["update_report"];
        trace?: never;
    };
    "/api/v1/admin/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which settings hold, and what set them */
        get: operations["list_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the first admin with the code that the server printed */
        post: operations["claim_setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole site in numbers: storage, what is sent, encodes, people, by day */
        get: operations["get_site_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/takedowns/{kind}/{targetId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Hide a video, comment, tweet or playlist, or give another reason */
        put: operations["save_takedown"];
        post?: never;
        /** Bring back what was taken down, as it was */
        delete: operations["remove_takedown"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts in the order of their names */
        get: operations["list_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Give a role, switch an account off or on, set a quota */
        patch: operations["update_user"];
        trace?: never;
    };
    "/api/v1/comments/{commentId}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show a comment that waits, in its place; the owner of the video, moderators */
        post: operations["approve_comment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Comments at the top of a video's threads, the pinned one first */
        get: operations["list_comments"];
        put?: never;
        /** Write a comment under a video, or answer one */
        post: operations["add_comment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/c/{commentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One comment or reply, for a link that leads to it */
        get: operations["get_comment"];
        put?: never;
        post?: never;
        /** Remove a comment and the thread below it; its author, or the owner of the video */
        delete: operations["remove_comment"];
        options?: never;
        head?: never;
        /** Write another text; its author only */
        patch: operations["update_comment"];
        trace?: never;
    };
    "/api/v1/comments/c/{commentId}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show a comment before all others of the video, in place of the one that was; the video's owner */
        post: operations["pin_comment"];
        /** Show a comment in its turn again; the video's owner */
        delete: operations["unpin_comment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/c/{commentId}/replies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The thread below a comment, oldest first */
        get: operations["list_replies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Comments that wait on one's channel, newest first; under any one video for moderators */
        get: operations["list_held_comments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/held/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show up to 100 comments that wait; tells of each what became of it */
        post: operations["approve_held_comments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/held/mine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one wrote that waits, newest first */
        get: operations["list_own_held_comments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/held/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove up to 100 comments that wait; tells of each what became of it */
        post: operations["remove_held_comments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers of a range as a file, CSV or a JSON array */
        get: operations["export_dashboard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The dashboard while it changes, as server-sent events: stats and realtime */
        get: operations["stream_dashboard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/realtime": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last hour by the minute, and who watches at this moment */
        get: operations["get_realtime"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one's channel stands; for a range of days also its sums beside those of the days before */
        get: operations["get_dashboard_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/timeseries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One number of the channel or of a video over time, in buckets without gaps */
        get: operations["get_dashboard_series"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/top": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The videos of the channel with the most of something, or its views and watch time by source, host, device, country or rendition */
        get: operations["get_dashboard_top"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All videos of one's own, unpublished too, newest first */
        get: operations["list_dashboard_videos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dashboard/videos/{id}/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a video of one's own is watched, and how well it plays */
        get: operations["get_retention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens, as server-sent events; without signing in, of the videos that are named */
        get: operations["stream_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/feed/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the channels that one follows brought out, newest first */
        get: operations["get_subscription_feed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/feeds/channel/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A channel as RSS; the name may end with .xml */
        get: operations["get_feed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/healthcheck": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server answers, in the envelope */
        get: operations["healthcheck"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own background work, newest first */
        get: operations["list_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job */
        get: operations["get_job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a job, and with it all work on the same video */
        post: operations["cancel_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a job again that failed or was cancelled; answers the job that does so */
        post: operations["retry_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/c/{commentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Like a comment; the same again changes nothing */
        put: operations["like_comment"];
        post?: never;
        /** Do not like a comment; the same again changes nothing */
        delete: operations["unlike_comment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/t/{tweetId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Like a tweet; the same again changes nothing */
        put: operations["like_tweet"];
        post?: never;
        /** Do not like a tweet; the same again changes nothing */
        delete: operations["unlike_tweet"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/toggle/c/{commentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Like a comment, or not any more */
        post: operations["toggle_comment_like"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/toggle/t/{tweetId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Like a tweet, or not any more */
        post: operations["toggle_tweet_like"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/toggle/v/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Like a video, or not any more */
        post: operations["toggle_video_like"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/v/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Like a video; the same again changes nothing */
        put: operations["like_video"];
        post?: never;
        /** Do not like a video; the same again changes nothing */
        delete: operations["unlike_video"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/likes/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The videos that the caller likes and may still see, newest like first */
        get: operations["list_liked_videos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one is told, newest first, and how much of it is unread */
        get: operations["list_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which kinds of notifications one wants */
        get: operations["get_notification_preferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change which kinds of notifications one wants */
        patch: operations["update_notification_preferences"];
        trace?: never;
    };
    "/api/v1/notifications/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take notifications for read: all, those up to one, or some */
        post: operations["read_notifications"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oembed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What other sites need to show a video, by the address of its page */
        get: operations["get_oembed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/playlist": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a playlist */
        post: operations["create_playlist"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/playlist/{playlistId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A playlist with its videos in order; watch-later is one's own */
        get: operations["get_playlist"];
        put?: never;
        post?: never;
        /** Remove a playlist; its videos stay */
        delete: operations["remove_playlist"];
        options?: never;
        head?: never;
        /** Change name, description or visibility of a playlist */
        patch: operations["update_playlist"];
        trace?: never;
    };
    "/api/v1/playlist/{playlistId}/order": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Put a video of a playlist in front of another, or behind it */
        patch: operations["move_in_playlist"];
        trace?: never;
    };
    "/api/v1/playlist/add/{videoId}/{playlistId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Put a video into a playlist */
        patch: operations["add_to_playlist"];
        trace?: never;
    };
    "/api/v1/playlist/remove/{videoId}/{playlistId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a video out of a playlist */
        delete: operations["delete_from_playlist"];
        options?: never;
        head?: never;
        /** Take a video out of a playlist */
        patch: operations["remove_from_playlist"];
        trace?: never;
    };
    "/api/v1/playlist/user/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Playlists that somebody made, newest first; others see the public ones */
        get: operations["list_playlists"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether notifications are pushed to browsers, and the key to subscribe with */
        get: operations["get_push_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have a browser told of one's notifications; of 21 the oldest goes */
        post: operations["add_push_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/subscriptions/{pushId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Tell a browser nothing any more */
        delete: operations["remove_push_subscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell moderators that something is wrong; the same thing again is answered with what was said first */
        post: operations["add_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find videos, channels, tweets, and what is said in videos */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions/c/{channelId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who follows a channel, newest first */
        get: operations["list_subscribers"];
        /** Follow a channel */
        put: operations["add_subscription"];
        /** Follow a channel, or stop following it */
        post: operations["toggle_subscription"];
        /** Stop following a channel */
        delete: operations["remove_subscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions/u/{subscriberId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which channels somebody follows, newest first, with the latest video of each */
        get: operations["list_subscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is being watched these days */
        get: operations["list_trending"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tweets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tweets: of all, of an author, about a video, with some words */
        get: operations["list_tweets"];
        put?: never;
        /** Write a tweet, perhaps about a video and a place in it */
        post: operations["add_tweet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tweets/{tweetId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a tweet */
        delete: operations["remove_tweet"];
        options?: never;
        head?: never;
        /** Write another text; its author only */
        patch: operations["update_tweet"];
        trace?: never;
    };
    "/api/v1/tweets/user/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest tweets of an author */
        get: operations["list_user_tweets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin an upload, with or without its first bytes */
        post: operations["create_upload"];
        delete?: never;
        /** What of the tus protocol is offered */
        options: operations["describe_uploads"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** PATCH, DELETE or HEAD for clients that cannot send them */
        post: operations["override_upload"];
        /** Give an upload up */
        delete: operations["remove_upload"];
        /** What of the tus protocol is offered */
        options: operations["describe_upload"];
        /** How far an upload is */
        head: operations["find_upload"];
        /** Add bytes to an upload; the last make it a video */
        patch: operations["append_upload"];
        trace?: never;
    };
    "/api/v1/users/avatar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Replace the picture */
        patch: operations["replace_avatar"];
        trace?: never;
    };
    "/api/v1/users/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom one has blocked, the last first */
        get: operations["list_blocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/blocks/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keep somebody from commenting on one's videos, answering one's comments, tweeting about one's videos */
        put: operations["add_block"];
        post?: never;
        /** Hear from somebody again */
        delete: operations["remove_block"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/c/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A channel's page */
        get: operations["get_channel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/change-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the password; other sessions end */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/comment-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which comments wait on one's channel */
        get: operations["get_comment_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Say which comments wait on one's channel */
        patch: operations["update_comment_settings"];
        trace?: never;
    };
    "/api/v1/users/cover-image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Replace the banner */
        patch: operations["replace_cover_image"];
        trace?: never;
    };
    "/api/v1/users/current-user": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["current_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's exports of the last weeks, newest first */
        get: operations["list_exports"];
        put?: never;
        /** Ask for everything of one's own in one file; 200 with the one under way where there is one */
        post: operations["request_export"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/export/{exportId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End the making of an export, or remove its file */
        delete: operations["remove_export"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/export/{exportId}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file, a ZIP archive; by ranges too */
        get: operations["get_export_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one watched, each video once, newest first */
        get: operations["list_history"];
        put?: never;
        post?: never;
        /** Forget everything that one watched */
        delete: operations["remove_history"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/history/{videoId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget that one watched a video */
        delete: operations["remove_watched"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: operations["sign_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session */
        post: operations["sign_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove one's account */
        delete: operations["leave"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/refresh-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new pair of tokens */
        post: operations["refresh_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Register; JSON, or a form with pictures */
        post: operations["register_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's sign-ins */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        /** End all sessions but this one */
        delete: operations["revoke_other_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one session */
        delete: operations["revoke_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one stores, by video, and how much more one may */
        get: operations["get_storage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/update-account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the profile */
        patch: operations["update_account"];
        trace?: never;
    };
    "/api/v1/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find videos */
        get: operations["list_videos"];
        put?: never;
        /** Upload a video; the fields may come in any order */
        post: operations["publish_video"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One video */
        get: operations["get_video"];
        put?: never;
        post?: never;
        /** Remove a video with all that hangs on it */
        delete: operations["remove_video"];
        options?: never;
        head?: never;
        /** Change a video; JSON, or a form with a thumbnail */
        patch: operations["update_video"];
        trace?: never;
    };
    "/api/v1/videos/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all work on a video; it can be tried again */
        post: operations["cancel_video"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/captions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All subtitle tracks */
        get: operations["list_captions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/captions/{lang}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The subtitle track of a language */
        get: operations["get_captions"];
        /** Add or replace a subtitle track; a form, or the file as it is */
        put: operations["put_captions"];
        post?: never;
        /** Remove a subtitle track */
        delete: operations["remove_captions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/comment-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether comments under a video are taken */
        get: operations["get_comments_mode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Take comments under a video, have them wait, or take none; its owner only */
        patch: operations["update_comments_mode"];
        trace?: never;
    };
    "/api/v1/videos/{id}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A rendition as a file to keep, with picture and sound, or the original for its owner; by ranges too */
        get: operations["download_video"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Make a video of another file; address, likes and views stay */
        put: operations["replace_file"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/playback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a player needs */
        get: operations["get_playback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/related": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What to watch next; at most 20 */
        get: operations["list_related"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Process again after a failure */
        post: operations["retry_video"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far processing is */
        get: operations["get_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Choose one of them */
        put: operations["choose_thumbnail"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/thumbnails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Frames that the owner can choose the thumbnail from */
        get: operations["list_thumbnails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/{id}/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a player tells of watching a video: numbers are made of it, and for those who are signed in, where to go on */
        post: operations["note_watching"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/videos/toggle/publish/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Private becomes public, anything else private */
        patch: operations["toggle_publish"];
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's webhooks, the oldest first; 10 at most */
        get: operations["list_webhooks"];
        put?: never;
        /** Have an address told what happens on one's channel; answers the secret, this once */
        post: operations["add_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a webhook, and what waits for it */
        delete: operations["remove_webhook"];
        options?: never;
        head?: never;
        /** Change a webhook, or switch it off and on */
        patch: operations["update_webhook"];
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was sent in the last 30 days, newest first */
        get: operations["list_webhook_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send something once more */
        post: operations["retry_webhook_delivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a webhook another secret; answers it, this once */
        post: operations["rotate_webhook_secret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhookId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test */
        post: operations["test_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/embed/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The player alone, for a frame on another page */
        get: operations["embed_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server answers */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counters for Prometheus */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server can work */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/robots.txt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What machines may read */
        get: operations["get_robots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sitemap-videos.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Addresses of at most 10,000 videos */
        get: operations["get_sitemap_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sitemap.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the pages of the sitemap are */
        get: operations["get_sitemap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/watch/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page that plays the video */
        get: operations["watch_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/watch/player.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How that page and `/embed/{id}` tell what is played */
        get: operations["watch_script"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An account. */
        AccountBody: components["schemas"]["UserBody"] & {
            /** @description Whether it is switched off. */
            disabled: boolean;
            /** @description Since when. */
            disabledAt?: string | null;
            /**
             * Format: int64
             * @description The most that may be; 0: no bound, null: what holds for everyone.
             */
            quota?: number | null;
            /**
             * Format: int64
             * @description Bytes of all videos, with what was made of them.
             */
            usedBytes: number;
            /**
             * Format: int64
             * @description All their videos.
             */
            videosCount: number;
        };
        /** @description A page from a cursor on. */
        AccountBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["AccountBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description Who was here; a minute old at most. */
        ActiveBody: {
            /** @description People who were signed in and used it. */
            users: components["schemas"]["PeopleLatelyBody"];
            /** @description Different viewers, within about 1 %. Who is not signed in is another one on the next day. */
            viewers: components["schemas"]["PeopleLatelyBody"];
        };
        /** @description A new comment. */
        AddCommentRequest: {
            /** @description 1 to 10,000 characters. */
            content?: string | null;
            /** @description The comment that it answers. An answer to a reply stands in the same thread. */
            parent?: string | null;
        };
        /** @description A new tweet. */
        AddTweetRequest: {
            /** @description 1 to 500 characters. */
            content?: string | null;
            /** @description The video it is about. */
            video?: string | null;
            /**
             * Format: double
             * @description The place in that, seconds from its start.
             */
            videoAt?: number | null;
        };
        /** @description Something that a moderator or admin did. */
        AuditBody: {
            /** @description 24 hex digits. */
            _id: string;
            about?: components["schemas"]["SubjectBody"] | null;
            /**
             * @description What: `user.set_role`, `content.take_down`, …
             * @example content.take_down
             */
            act: string;
            actor?: components["schemas"]["PersonBody"] | null;
            /** @description When. */
            createdAt: string;
            /**
             * @description To what: `video`, `comment`, `tweet`, `user`, `playlist`, `report`.
             * @example video
             */
            kind?: string | null;
            /** @description What else there is to say. */
            note: string;
            /** @description To which. */
            target: string;
        };
        /** @description A page from a cursor on. */
        AuditBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["AuditBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A picture in a form. */
        AvatarForm: {
            /**
             * Format: binary
             * @description JPEG, PNG or WebP of at most 10 MiB.
             */
            avatar: string;
        };
        /**
         * @description What a player tells of one moment. Seconds, where nothing else is said; fields that are not named here may come
         *     along.
         */
        BeaconRequest: {
            /**
             * @description What happened: `start`, `progress`, `pause`, `seek`, `stall`, `quality`, `error`; `end`: the video was watched to
             *     its end.
             */
            event?: string | null;
            /**
             * Format: double
             * @description Where the stretch began that was played since the last beacon.
             */
            from?: number | null;
            /**
             * Format: double
             * @description Where the player is now; absent: where the stretch ended.
             */
            position?: number | null;
            /** @description What is played, such as `720p`. */
            rendition?: string | null;
            /**
             * Format: int64
             * @description Number of the beacon in its session, one more with each. With it, what comes twice counts once, and what is
             *     watched again counts again.
             */
            seq?: number | null;
            /**
             * Format: double
             * @description How long data was waited for, in milliseconds.
             */
            stallMs?: number | null;
            /**
             * Format: double
             * @description How long the start took, in milliseconds.
             */
            startupMs?: number | null;
            /**
             * Format: double
             * @description Where it ended.
             */
            to?: number | null;
        };
        /** @description Someone who is blocked. */
        BlockBody: {
            /** @description Since when. */
            createdAt: string;
            /** @description Who. */
            user: components["schemas"]["OwnerBody"];
        };
        /** @description A page from a cursor on. */
        BlockBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["BlockBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description Whether somebody is blocked. */
        BlockingBody: {
            /** @description They are. */
            blocked: boolean;
        };
        /** @description A video in the last hour. */
        BusyBody: {
            /** @description The video. */
            video: components["schemas"]["GlanceBody"];
            /**
             * Format: int64
             * @description Sessions that are alive.
             */
            viewersNow: number;
            /**
             * Format: int64
             * @description Views of the last 60 minutes.
             */
            views: number;
        };
        /** @description A subtitle track. */
        CaptionBody: {
            /**
             * @description Shown name.
             * @example Português (BR)
             */
            label: string;
            /**
             * @description BCP 47, lower case.
             * @example pt-br
             */
            language: string;
            /** @description Address of the `WebVTT` file. */
            url: string;
        };
        /** @description A place in a video where something is said. */
        CaptionHitBody: components["schemas"]["VideoBody"] & {
            /**
             * Format: double
             * @description When it is said, seconds.
             */
            at: number;
            /** @description Where the words are. */
            highlights: components["schemas"]["HighlightBody"][];
            /** @description Language of the track. */
            language: string;
            /** @description What is said, as plain text. */
            text: string;
            /**
             * Format: double
             * @description Until when, seconds.
             */
            until: number;
        };
        /** @description A caption file in a form. It may also be sent as it is, as `text/vtt` or `application/x-subrip`. */
        CaptionsForm: {
            /**
             * Format: binary
             * @description `WebVTT` or `SubRip`, at most 2 MiB.
             */
            captions: string;
            /** @description What a menu shows; the language's own name when absent. */
            label?: string | null;
        };
        /** @description By how many percent numbers have changed; null where there was nothing before. */
        ChangeBody: {
            /**
             * Format: double
             * @description Comments.
             */
            comments?: number | null;
            /**
             * Format: double
             * @description Likes.
             */
            likes?: number | null;
            /**
             * Format: double
             * @description Followers gained.
             */
            subscribersGained?: number | null;
            /**
             * Format: double
             * @description Followers lost.
             */
            subscribersLost?: number | null;
            /**
             * Format: double
             * @description Different viewers.
             */
            viewers?: number | null;
            /**
             * Format: double
             * @description Counted views.
             */
            views?: number | null;
            /**
             * Format: double
             * @description Watch time.
             */
            watchTime?: number | null;
        };
        /** @description What changing the password takes. */
        ChangePasswordRequest: {
            /** @description The new one. */
            newPassword?: string | null;
            /** @description The present one. */
            oldPassword?: string | null;
        };
        /** @description A channel's page. */
        ChannelBody: components["schemas"]["UserBody"] & {
            /**
             * Format: int64
             * @description How many it follows.
             */
            channelsSubscribedToCount: number;
            /**
             * Format: int64
             * @description The same, as the original spells it.
             */
            channelSubscribedToCount: number;
            /** @description Whether the caller follows it. */
            isSubscribed: boolean;
            /**
             * Format: int64
             * @description How many follow it.
             */
            subscribersCount: number;
            /**
             * Format: int64
             * @description Views over all of them.
             */
            totalViews: number;
            /**
             * Format: int64
             * @description Videos that lists show.
             */
            videosCount: number;
        };
        /** @description A channel that was found. */
        ChannelHitBody: components["schemas"]["UserBody"] & {
            /** @description Where the words are. */
            highlights: components["schemas"]["HighlightBody"][];
            /**
             * Format: int64
             * @description How many follow it.
             */
            subscribersCount: number;
            /**
             * Format: int64
             * @description Videos that lists show.
             */
            videosCount: number;
        };
        /** @description A stretch of a video with a title. */
        ChapterBody: {
            /**
             * Format: double
             * @description Where it ends, seconds.
             */
            end: number;
            /**
             * Format: double
             * @description Where it begins, seconds.
             */
            start: number;
            /** @description One line. */
            title: string;
        };
        /** @description Which frame is to be the poster. */
        ChooseThumbnailRequest: {
            /** @description As the list says. */
            candidate?: string | null;
        };
        /** @description A comment. */
        CommentBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description As it was typed: text, never markup. */
            content: string;
            /** @description When it was written. */
            createdAt: string;
            /** @description When its text last changed. */
            editedAt?: string | null;
            /** @description It waits for approval; left out where it does not. */
            isHeld?: boolean | null;
            /** @description Whether the caller likes it. */
            isLiked: boolean;
            /** @description Shown before all others of its video. */
            isPinned: boolean;
            /**
             * Format: int64
             * @description Likes.
             */
            likesCount: number;
            /** @description Whose. */
            owner: components["schemas"]["OwnerBody"];
            /** @description The comment at the top of its thread; null: this one is at the top. */
            parent?: string | null;
            /**
             * Format: int64
             * @description Comments in the thread below it.
             */
            repliesCount: number;
            /** @description When a shown field last changed. */
            updatedAt: string;
            /** @description Under which video. */
            video: string;
        };
        /** @description A page from a cursor on. */
        CommentBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["CommentBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A page of comments, by number. */
        CommentPageBody: components["schemas"]["PageBody"] & {
            /** @description The same as `docs`. */
            comments: components["schemas"]["CommentBody"][];
            /**
             * Format: int64
             * @description The same as `totalDocs`, as the original spells it.
             */
            totalComment: number;
            /**
             * Format: int64
             * @description The same.
             */
            totalComments: number;
        };
        /** @description What one's channel asks for. */
        CommentSettingsBody: {
            /** @description Which comments wait: `none`, `links`, `first` or `all`. */
            approval: string;
            /** @description Words and phrases that have a comment wait. */
            blockedWords: string[];
        };
        /** @description Whether comments under a video are taken. */
        CommentsModeBody: {
            /** @description `on`, `held` (all wait) or `off`. */
            commentsMode: string;
        };
        /** @description A picture in a form. */
        CoverForm: {
            /**
             * Format: binary
             * @description JPEG, PNG or WebP of at most 10 MiB.
             */
            coverImage: string;
        };
        /** @description What making a playlist takes. */
        CreatePlaylistRequest: {
            /** @description Up to 5,000 characters. */
            description?: string | null;
            /** @description 1 to 150 characters. */
            name?: string | null;
            /** @description `public` (the default), `unlisted`, `private`. */
            visibility?: string | null;
        };
        /** @description A page from a cursor on. */
        CursorPageBody: {
            /** @description The videos. */
            items: components["schemas"]["VideoBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A video of one's own. */
        DashboardVideoBody: components["schemas"]["VideoBody"] & {
            /**
             * Format: double
             * @description Media time that was watched, seconds.
             */
            watchTime: number;
        };
        /** @description A page from a cursor on. */
        DashboardVideoBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["DashboardVideoBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description What became of one of them. */
        DecidedBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description Why it was not: the code that a call for this one alone would be refused with. */
            code?: string | null;
            /** @description It was done. */
            done: boolean;
        };
        /** @description Which comments. */
        DecideRequest: {
            /** @description Up to 100. */
            ids?: string[] | null;
        };
        /** @description What became of them, in the order in which they were sent. */
        DecisionsBody: {
            /** @description One for each. */
            results: components["schemas"]["DecidedBody"][];
        };
        /** @description Something that is sent to a webhook. */
        DeliveryBody: {
            /** @description 24 hex digits; `webhook-id` of what is sent. */
            _id: string;
            /**
             * Format: int64
             * @description How often it was tried.
             */
            attempts: number;
            /** @description When. */
            createdAt: string;
            /**
             * Format: int64
             * @description How long that took, in milliseconds.
             * @example 80
             */
            durationMs?: number | null;
            /**
             * @description What happened; `webhook.test` of a test.
             * @example video.published
             */
            event: string;
            /**
             * @description What went wrong last.
             * @example null
             */
            fault?: string | null;
            /**
             * @description When it is tried next.
             * @example null
             */
            nextAttemptAt?: string | null;
            /**
             * Format: int64
             * @description The status that was answered last.
             * @example 204
             */
            responseStatus?: number | null;
            /**
             * @description `pending`, `delivered`, or `dead`: given up.
             * @example delivered
             */
            status: string;
        };
        /** @description Encodes: pieces of renditions. */
        EncodesBody: {
            /**
             * Format: int64
             * @description Those that went well in the range.
             */
            done: number;
            /**
             * Format: int64
             * @description Those that were given up in it.
             */
            failed: number;
            /**
             * Format: double
             * @description How long one took that went well, in seconds; null where none did.
             */
            meanSeconds?: number | null;
            /**
             * Format: int64
             * @description Those that wait now.
             */
            queued: number;
            /**
             * Format: int64
             * @description Those that run now.
             */
            running: number;
            /**
             * Format: double
             * @description Seconds of media that were encoded in a second; null where none were.
             */
            speed?: number | null;
        };
        /** @description The error envelope of `api-v1`. */
        ErrorBody: {
            /**
             * @description For programs.
             * @example video_not_found
             */
            code: string;
            /** @description Always null. */
            data?: Record<string, never> | null;
            /** @description Which fields are wrong, and why. */
            errors: components["schemas"]["FieldErrorBody"][];
            /**
             * @description A sentence for people.
             * @example Video not found
             */
            message: string;
            /**
             * Format: int32
             * @description The HTTP status again.
             * @example 404
             */
            statusCode: number;
            /**
             * @description Always false.
             * @example false
             */
            success: boolean;
        };
        /** @description One export. */
        ExportBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description When it was asked for. */
            createdAt: string;
            /** @description When the file goes, or went; null before there is one. */
            expiresAt?: string | null;
            /**
             * Format: double
             * @description 0 to 1.
             */
            progress: number;
            /**
             * Format: int64
             * @description Bytes of the file; 0 before there is one.
             */
            sizeBytes: number;
            /**
             * @description `queued`, `running`, `ready`, `failed`, `expired`.
             * @example ready
             */
            status: string;
            /**
             * @description Address of the file, for its owner while signed in; null where there is none.
             * @example https://videos.example/api/v1/users/export/65f1c0ffee0123456789abcd/file
             */
            url?: string | null;
        };
        /** @description One thing in the feed: a field of the name that `type` says has it. */
        FeedItemBody: {
            tweet?: components["schemas"]["TweetBody"] | null;
            /**
             * @description `video` or `tweet`.
             * @example video
             */
            type: string;
            video?: components["schemas"]["VideoBody"] | null;
        };
        /** @description A page from a cursor on. */
        FeedItemBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["FeedItemBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description One wrong field. */
        FieldErrorBody: {
            /**
             * @description For programs.
             * @example too_long
             */
            code: string;
            /**
             * @description Its name in the request.
             * @example title
             */
            field: string;
            /**
             * @description For people.
             * @example At most 200 characters.
             */
            message: string;
        };
        /** @description Files of a kind. */
        FilesBody: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many.
             */
            files: number;
        };
        /** @description A video as it is shown beside numbers. */
        GlanceBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description When it was uploaded. */
            createdAt: string;
            /**
             * Format: double
             * @description Seconds.
             */
            duration: number;
            /** @description When it was first listed. */
            publishedAt?: string | null;
            /** @description Address of the poster. */
            thumbnail?: string | null;
            /** @description One line. */
            title: string;
            /**
             * @description `public`, `unlisted`, `private`.
             * @example public
             */
            visibility: string;
        };
        /** @description A report as moderators see it. */
        HandledReportBody: components["schemas"]["ReportBody"] & {
            about?: components["schemas"]["ReportedBody"] | null;
            /** @description Who that was. */
            handledBy?: string | null;
            /** @description What the moderator wrote who changed it last. */
            note: string;
            /** @description Who wrote it. */
            reporter: components["schemas"]["PersonBody"];
            /** @description What it is about is taken down. */
            takenDown: boolean;
            /** @description When it last changed. */
            updatedAt: string;
        };
        /** @description A page from a cursor on. */
        HandledReportBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["HandledReportBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description That the server answers. */
        HealthBody: {
            /**
             * @description `OK`.
             * @example OK
             */
            status: string;
        };
        /** @description A comment that waits. */
        HeldCommentBody: components["schemas"]["CommentBody"] & {
            /** @description It is another text for the comment of this id, which is shown with its old text meanwhile. */
            isEdit: boolean;
        };
        /** @description A page from a cursor on. */
        HeldCommentBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["HeldCommentBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A text in which words were found. */
        HighlightBody: {
            /**
             * @description Of which field.
             * @example title
             */
            field: string;
            /**
             * @description Start and end of each word in `text`, in UTF-16 code units.
             * @example [
             *       [
             *         0,
             *         5
             *       ]
             *     ]
             */
            ranges: number[][];
            /** @description The field as plain text, or a piece of it. */
            text: string;
        };
        /** @description One thing that was found, in the form of its kind. */
        HitBody: components["schemas"]["VideoHitBody"] | components["schemas"]["ChannelHitBody"] | components["schemas"]["TweetHitBody"] | components["schemas"]["CaptionHitBody"];
        /** @description One piece of background work. */
        JobBody: {
            /**
             * @description 24 hex digits.
             * @example 65f1c0ffee0123456789abcd
             */
            _id: string;
            /**
             * Format: int64
             * @description How often it was started.
             */
            attempts: number;
            /**
             * @description When it was asked for.
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /** @description The same in more detail; only to admins. */
            detail?: string | null;
            /**
             * Format: int64
             * @description Seconds that are left, at the present pace; null until that can be told.
             */
            etaSeconds?: number | null;
            /**
             * @description What is done: `process_video`, `remove_objects`, …
             * @example process_video
             */
            kind: string;
            /** @description Why the last attempt ended, when not well. */
            lastError?: string | null;
            /**
             * @description `urgent`, `normal` or `low`.
             * @example normal
             */
            priority: string;
            /**
             * Format: double
             * @description 0 to 1.
             */
            progress: number;
            /**
             * Format: int64
             * @description Of a queued job: at most this many starts away. Null when it stands far back, and when it does not wait.
             */
            queuePosition?: number | null;
            /**
             * @description Not before.
             * @example 2026-01-31T12:00:00.000Z
             */
            runAt: string;
            /**
             * @description When the present or last run began.
             * @example 2026-01-31T12:00:00.000Z
             */
            startedAt?: string | null;
            /**
             * @description `queued`, `running`, `done`, `dead`, `cancelled`.
             * @example running
             */
            state: string;
            /** @description What it is doing, in a word or two. */
            step?: string | null;
            /**
             * @description When something about it last changed.
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
            /** @description Who waits for it. */
            user?: string | null;
            /** @description The video that it is about. */
            video?: string | null;
        };
        /** @description A page of jobs, newest first. */
        JobPageBody: {
            items: components["schemas"]["JobBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description What leaving takes. */
        LeaveRequest: {
            /** @description The present password. */
            password?: string | null;
        };
        /** @description How a like stands. */
        LikeBody: {
            /** @description The like that is there, or that just went; null where there was none. */
            _id?: string | null;
            /** @description What is liked, when it is a comment. */
            comment?: string | null;
            /** @description The same. */
            isLiked: boolean;
            /** @description It is there. */
            liked: boolean;
            /** @description By whom. */
            likedBy: string;
            /**
             * Format: int64
             * @description Likes of the thing.
             */
            likesCount: number;
            /** @description What is liked, when it is a tweet. */
            tweet?: string | null;
            /** @description What is liked, when it is a video. */
            video?: string | null;
        };
        /** @description A video that the caller likes. */
        LikedVideoBody: {
            /** @description Which like. */
            _id: string;
            /** @description When. */
            createdAt: string;
            /** @description By whom. */
            likedBy: string;
            /** @description The video. */
            video: components["schemas"]["VideoBody"];
        };
        /** @description A page from a cursor on. */
        LikedVideoBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["LikedVideoBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A page of liked videos, by number. */
        LikedVideoPageBody: components["schemas"]["PageBody"] & {
            /**
             * Format: int64
             * @description The same as `totalDocs`.
             */
            totalVideos: number;
            /** @description The same as `docs`. */
            videos: components["schemas"]["LikedVideoBody"][];
            /** @description The same, as the original spells it. */
            Videos: components["schemas"]["LikedVideoBody"][];
        };
        /** @description What there is at this moment. */
        LiveBody: {
            /**
             * Format: int64
             * @description Streams of events that are open.
             */
            listeners: number;
            /**
             * Format: int64
             * @description Sessions that watch.
             */
            viewers: number;
        };
        /** @description What signing in takes. */
        LoginRequest: {
            /** @description address. */
            email?: string | null;
            /** @description Secret. */
            password?: string | null;
            /** @description Handle; or */
            username?: string | null;
        };
        /** @description A minute. */
        MinuteBody: {
            /** @description When it began. */
            at: string;
            /**
             * Format: int64
             * @description Sessions that were alive.
             */
            viewers: number;
            /**
             * Format: int64
             * @description Counted views.
             */
            views: number;
        };
        /** @description Where a video is put: in front of another, or behind it. */
        MoveRequest: {
            /** @description behind this one. */
            after?: string | null;
            /** @description In front of this one, or */
            before?: string | null;
            /** @description Which. */
            videoId: string;
        };
        /** @description `{}`, where there is nothing to say. */
        Nothing: Record<string, never>;
        /** @description One notification. */
        NotificationBody: {
            /** @description 24 hex digits. Of what a subscribed channel brought out, the id of the video or tweet. */
            _id: string;
            actor?: components["schemas"]["OwnerBody"] | null;
            comment?: components["schemas"]["NotifiedTextBody"] | null;
            /**
             * @description When.
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /** @description Whether it is read. */
            isRead: boolean;
            /**
             * @description `newVideo`, `newTweet`, `comment`, `reply`, `likeMilestone`, `processingFinished`, `processingFailed`,
             *     `commentHeld`, `webhookDisabled`.
             * @example newVideo
             */
            kind: string;
            /**
             * Format: int64
             * @description Of a milestone: how many likes.
             */
            likesCount?: number | null;
            tweet?: components["schemas"]["NotifiedTextBody"] | null;
            video?: components["schemas"]["NotifiedVideoBody"] | null;
        };
        /** @description A page of notifications, newest first. */
        NotificationPageBody: components["schemas"]["UnreadBody"] & {
            items: components["schemas"]["NotificationBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A comment or tweet that a notification is about. */
        NotifiedTextBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description Its beginning: 200 characters at most. */
            content: string;
        };
        /** @description The video that a notification is about. */
        NotifiedVideoBody: {
            /** @description 24 hex digits. */
            _id: string;
            /**
             * Format: double
             * @description Seconds.
             */
            duration: number;
            /** @description Of processing that did not end well: why. */
            statusReason?: string | null;
            /** @description Address of the poster. */
            thumbnail?: string | null;
            /** @description One line. */
            title: string;
        };
        /** @description A video for another page, as oEmbed 1.0 has it; in no envelope. */
        OembedBody: {
            /** @description Name of its channel. */
            author_name: string;
            /** @description Its channel. */
            author_url: string;
            /**
             * Format: int32
             * @description Seconds for which the answer may be kept.
             */
            cache_age: number;
            /**
             * Format: int64
             * @description Pixels of the player.
             */
            height: number;
            /** @description An iframe with the player. */
            html: string;
            /** @description This software. */
            provider_name: string;
            /** @description This site. */
            provider_url: string;
            /**
             * Format: int64
             * @description Pixels of the poster.
             */
            thumbnail_height?: number | null;
            /** @description Address of the poster. */
            thumbnail_url?: string | null;
            /**
             * Format: int64
             * @description Pixels of the poster.
             */
            thumbnail_width?: number | null;
            /** @description The video's title. */
            title: string;
            /** @description Always `video`. */
            type: string;
            /** @description Always `1.0`. */
            version: string;
            /**
             * Format: int64
             * @description Pixels of the player.
             */
            width: number;
        };
        /** @description A channel beside its things. */
        OwnerBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description Address of the picture. */
            avatar: string;
            /** @description Shown name. */
            fullName: string;
            /** @description On a single video only. */
            isSubscribed?: boolean | null;
            /**
             * Format: int64
             * @description On a single video only.
             */
            subscribersCount?: number | null;
            /** @description Handle. */
            username: string;
        };
        /** @description A page by number, but for the label under which the list also stands. */
        PageBody: {
            /** @description What is on the page. */
            docs: Record<string, never>[];
            /** @description Whether there is one after. */
            hasNextPage: boolean;
            /** @description Whether there is one before. */
            hasPrevPage: boolean;
            /**
             * Format: int64
             * @description At most this many on a page.
             */
            limit: number;
            /**
             * Format: int64
             * @description The one after.
             */
            nextPage?: number | null;
            /**
             * Format: int64
             * @description This page.
             */
            page: number;
            /**
             * Format: int64
             * @description Number of the first on this page.
             */
            pagingCounter: number;
            /**
             * Format: int64
             * @description The one before.
             */
            prevPage?: number | null;
            /**
             * Format: int64
             * @description How many there are.
             */
            totalDocs: number;
            /** @description There are at least that many; left out when the total is exact. */
            totalIsEstimate?: boolean | null;
            /**
             * Format: int64
             * @description How many pages.
             */
            totalPages: number;
        };
        /** @description How many were here of late. */
        PeopleLatelyBody: {
            /**
             * Format: int64
             * @description The last 7 days, with today.
             */
            last7Days: number;
            /**
             * Format: int64
             * @description The last 28 days, with today.
             */
            last28Days: number;
            /**
             * Format: int64
             * @description Today (UTC).
             */
            today: number;
        };
        /** @description The sums of a range, beside those of the one before it. */
        PeriodBody: components["schemas"]["SumsBody"] & {
            /** @description What has changed between the two. */
            change: components["schemas"]["ChangeBody"];
            /** @description When it begins. */
            from: string;
            previous?: components["schemas"]["PreviousBody"] | null;
            /** @description Of which zone its days are. */
            timeZone: string;
            /** @description When it ends, which is not part of it. */
            to: string;
        };
        /** @description Somebody in a list for moderators. */
        PersonBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description Handle; null when they have left. */
            username?: string | null;
        };
        /** @description What a player needs. */
        PlaybackBody: {
            /** @description Subtitle tracks. */
            captions: components["schemas"]["CaptionBody"][];
            /** @description Chapters that the description names. */
            chapters: components["schemas"]["ChapterBody"][];
            /** @description The same as `WebVTT`; null when there are none. */
            chaptersFile?: string | null;
            /** @description DASH manifest. */
            dash?: string | null;
            /** @description When signed addresses stop working; null when they do not. */
            expiresAt?: string | null;
            /** @description HLS playlist. */
            hls?: string | null;
            /** @description Address that saves the original; for its owner only, while it is kept. */
            original?: string | null;
            /** @description Qualities. */
            renditions: components["schemas"]["RenditionBody"][];
            /** @description Preview pictures: `WebVTT` whose cues name parts of pictures. */
            storyboard?: string | null;
            /** @description Progressive file. */
            videoFile?: string | null;
        };
        /** @description A playlist. */
        PlaylistBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description When it was made. */
            createdAt: string;
            /** @description Several lines. */
            description: string;
            /** @description One line. */
            name: string;
            /** @description Where its further videos begin; null at the end, and in lists of playlists. */
            nextCursor?: string | null;
            /** @description Whose. */
            owner: components["schemas"]["OwnerBody"];
            /** @description Address of the poster of the first that the caller may see. */
            thumbnail?: string | null;
            /**
             * Format: double
             * @description Length of all of them, seconds.
             */
            totalDuration: number;
            /**
             * @description The totals are at least that; left out when they are exact. Only in lists, of playlists with more than 200
             *     videos.
             */
            totalIsEstimate?: boolean | null;
            /**
             * Format: int64
             * @description How many the caller may see.
             */
            totalVideos: number;
            /**
             * Format: int64
             * @description Views of all of them.
             */
            totalViews: number;
            /** @description When it or its order last changed. */
            updatedAt: string;
            /**
             * @description In order, those that the caller may see. In a list of playlists the first four; after a change the first
             *     hundred.
             */
            videos: components["schemas"]["VideoBody"][];
            /**
             * @description `public`, `unlisted`, `private`.
             * @example public
             */
            visibility: string;
        };
        /** @description A page from a cursor on. */
        PlaylistBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["PlaylistBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A bucket. */
        PointBody: {
            /** @description When it begins. */
            at: string;
            /**
             * @description The day in the time zone, of buckets that are days.
             * @example 2026-10-25
             */
            date?: string | null;
            /**
             * Format: double
             * @description The number; null where there is nothing that it could be the mean of.
             */
            value?: number | null;
        };
        /** @description Which kinds somebody wants. */
        PreferencesBody: {
            /** @description Comments on one's videos. */
            comment: boolean;
            /** @description Comments wait under one's videos. */
            commentHeld: boolean;
            /** @description One's videos reach 10, 100, 1,000, … likes. */
            likeMilestone: boolean;
            /** @description Subscribed channels tweet. */
            newTweet: boolean;
            /** @description Subscribed channels bring out videos. */
            newVideo: boolean;
            /** @description One's videos could not be prepared. */
            processingFailed: boolean;
            /** @description One's videos are ready. */
            processingFinished: boolean;
            /** @description Replies to one's comments. */
            reply: boolean;
            /** @description One's webhooks are switched off, because nothing arrives there. */
            webhookDisabled: boolean;
        };
        /** @description The sums of the range before. */
        PreviousBody: components["schemas"]["SumsBody"] & {
            /** @description When it begins. */
            from: string;
            /** @description When it ends. */
            to: string;
        };
        /** @description As many buckets before. */
        PreviousLineBody: {
            /** @description When they begin. */
            from: string;
            /** @description Each of them. */
            points: components["schemas"]["PointBody"][];
            /** @description When they end. */
            to: string;
            /**
             * Format: double
             * @description Of all of them.
             */
            total?: number | null;
        };
        /** @description A new video; the fields may come in any order. */
        PublishForm: {
            /** @description `true`: make a second video where one has a video of the same bytes. */
            allowDuplicate?: boolean | null;
            /** @description Up to 10,000 characters. */
            description?: string | null;
            /** @description The older spelling: `false` is private. */
            isPublished?: boolean | null;
            /** @description Whether the original stays once the video is ready; absent: as the instance is set up. */
            keepOriginal?: boolean | null;
            /** @description Words with commas between, or a JSON array; may be repeated. */
            tags?: string | null;
            /**
             * Format: binary
             * @description JPEG, PNG or WebP of at most 10 MiB.
             */
            thumbnail?: string | null;
            /** @description 1 to 200 characters. */
            title: string;
            /**
             * Format: binary
             * @description The video.
             */
            videoFile: string;
            /** @description `public` (the default), `unlisted`, `private`. */
            visibility?: string | null;
        };
        /** @description Whether and with what browsers subscribe. */
        PushKeyBody: {
            /**
             * @description Whether this server pushes at all.
             * @example true
             */
            enabled: boolean;
            /**
             * @description For `applicationServerKey` of `pushManager.subscribe`; null where nothing is pushed.
             * @example BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8
             */
            publicKey?: string | null;
        };
        /** @description What messages are sealed with, base64. */
        PushKeysRequest: {
            /**
             * @description Its secret.
             * @example BTBZMqHH6r4Tts7J_aSIgg
             */
            auth?: string | null;
            /**
             * @description The browser's public key.
             * @example BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4
             */
            p256dh?: string | null;
        };
        /** @description A browser that is told of notifications. */
        PushSubscriptionBody: {
            /** @description 24 hex digits; for removing it. */
            _id: string;
            /** @description When it was last subscribed. */
            createdAt: string;
        };
        /** @description A browser's `PushSubscription`, as its `toJSON` says it; what else is in there is ignored. */
        PushSubscriptionRequest: {
            /**
             * @description The address at the push service.
             * @example https://push.example/send/abc
             */
            endpoint?: string | null;
            keys?: components["schemas"]["PushKeysRequest"] | null;
        };
        /** @description How well a video plays. */
        QualityBody: {
            /**
             * Format: int64
             * @description Failures to play.
             */
            errors: number;
            /**
             * Format: double
             * @description What part of the time people waited for data.
             */
            rebufferRatio?: number | null;
            /** @description The same by rendition, what was watched longest first. */
            renditions: components["schemas"]["RenditionQualityBody"][];
            /**
             * Format: int64
             * @description How often they waited.
             */
            stalls: number;
            /**
             * Format: double
             * @description How long starts took, seconds: a mean.
             */
            startup?: number | null;
        };
        /** @description What to take for read; `{}` is everything. */
        ReadNotificationsRequest: {
            /** @description These, 100 at most. */
            ids?: string[] | null;
            /** @description A notification: it and all that are older. */
            upTo?: string | null;
        };
        /** @description What the server can do now. */
        ReadyBody: {
            /** @description What players tell is taken. */
            analytics: boolean;
            /** @description The database answers. */
            database: boolean;
            /** @description There is room for uploads. */
            disk: boolean;
            /**
             * Format: int64
             * @description Jobs that wait.
             */
            jobsQueued: number;
            /**
             * Format: int64
             * @description Jobs that run.
             */
            jobsRunning: number;
            /** @description All of the below is fine. */
            ready: boolean;
            /** @description Uploads are read in the full sandbox. */
            sandbox: boolean;
        };
        /** @description The last hour. */
        RealtimeBody: {
            /** @description The last 60 minutes, the oldest first; the last of them is not over. */
            minutes: components["schemas"]["MinuteBody"][];
            /** @description The videos that are watched most at this moment; none where one video is asked about. */
            videos: components["schemas"]["BusyBody"][];
            /**
             * Format: int64
             * @description Sessions that are alive: of this minute or the one before it, whichever had more.
             */
            viewersNow: number;
            /**
             * Format: int64
             * @description Views of the last 48 hours.
             */
            viewsLast48Hours: number;
            /**
             * Format: int64
             * @description Views of the last 60 minutes.
             */
            viewsLast60Minutes: number;
        };
        /** @description What refreshing takes, where there is no cookie. */
        RefreshRequest: {
            /** @description The last refresh token. */
            refreshToken?: string | null;
        };
        /** @description Registering by a form, which may add pictures. */
        RegisterForm: {
            /**
             * Format: binary
             * @description JPEG, PNG or WebP of at most 10 MiB.
             */
            avatar?: string | null;
            /**
             * Format: binary
             * @description JPEG, PNG or WebP of at most 10 MiB.
             */
            coverImage?: string | null;
            /** @description Address. */
            email: string;
            /** @description 1 to 80 characters. */
            fullName: string;
            /** @description 8 to 128 characters. */
            password: string;
            /** @description `[a-z0-9_.]{3,30}` after folding. */
            username: string;
        };
        /** @description What registering takes; a form may add the files `avatar` and `coverImage`. */
        RegisterRequest: {
            /** @description Address. */
            email?: string | null;
            /** @description 1 to 80 characters. */
            fullName?: string | null;
            /** @description 8 to 128 characters. */
            password?: string | null;
            /** @description `[a-z0-9_.]{3,30}` after folding. */
            username?: string | null;
        };
        /** @description One quality. */
        RenditionBody: {
            /**
             * Format: int64
             * @description Mean bits in a second.
             */
            bitrate: number;
            /** @description As RFC 6381 writes it. */
            codecs: string;
            /** @description Address that saves it as a file. */
            download: string;
            /**
             * Format: int64
             * @description Pixels; 0 for sound.
             */
            height: number;
            /** @description Its name in addresses. */
            name: string;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            /**
             * Format: int64
             * @description Pixels; 0 for sound.
             */
            width: number;
        };
        /** @description What is told apart by rendition. */
        RenditionQualityBody: {
            /**
             * Format: int64
             * @description Failures to play.
             */
            errors: number;
            /** @description Its name. */
            name: string;
            /**
             * Format: double
             * @description What part of the time people waited for data.
             */
            rebufferRatio?: number | null;
            /**
             * Format: double
             * @description What part of the watch time that is, 0 to 1.
             */
            share: number;
            /**
             * Format: double
             * @description How long starts took, seconds: a mean.
             */
            startup?: number | null;
            /**
             * Format: double
             * @description Media time that was watched, seconds.
             */
            watchTime: number;
        };
        /** @description What one rendition takes up. */
        RenditionShareBody: {
            /**
             * Format: int64
             * @description Its size.
             */
            bytes: number;
            /** @description Its name. */
            name: string;
        };
        /** @description Another file for a video. */
        ReplaceForm: {
            /**
             * Format: binary
             * @description The video.
             */
            videoFile: string;
        };
        /** @description A page of a thread, by number. */
        ReplyPageBody: components["schemas"]["PageBody"] & {
            /** @description The same as `docs`. */
            replies: components["schemas"]["CommentBody"][];
            /**
             * Format: int64
             * @description The same as `totalDocs`.
             */
            totalReplies: number;
        };
        /** @description A report as whoever wrote it sees it. */
        ReportBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description When it was written. */
            createdAt: string;
            /**
             * @description `video`, `comment`, `tweet`, `user`, `playlist`.
             * @example comment
             */
            kind: string;
            /**
             * @description What is wrong.
             * @example spam
             */
            reason: string;
            /**
             * @description `open` or `closed`.
             * @example open
             */
            state: string;
            /** @description Which. */
            target: string;
            /** @description The same in words. */
            text: string;
        };
        /** @description What a report is about. */
        ReportedBody: {
            /** @description The handle of whose it is. */
            owner?: string | null;
            /** @description Its title, name or words; of long ones the first 500 characters. */
            text: string;
            /** @description The video that it is, or that it stands under or is about. */
            video?: string | null;
        };
        /** @description What is wrong with what. */
        ReportRequest: {
            /** @description Which: 24 hex digits. */
            id?: string | null;
            /**
             * @description `video`, `comment`, `tweet`, `user` or `playlist`.
             * @example comment
             */
            kind?: string | null;
            /**
             * @description `spam`, `harassment`, `hate`, `violence`, `sexual`, `childSafety`, `selfHarm`, `misinformation`,
             *     `copyright`, `privacy`, `impersonation`, `illegal` or `other`.
             * @example spam
             */
            reason?: string | null;
            /** @description The same in words, up to 2,000 characters. */
            text?: string | null;
        };
        /** @description How far people watch a video. */
        RetentionBody: {
            /**
             * Format: double
             * @description How much of the video a session saw in the mean, 0 to 100.
             */
            averagePercentageViewed?: number | null;
            /**
             * Format: double
             * @description How long a session watched in the mean, seconds; what was watched again counts again.
             */
            averageViewDuration?: number | null;
            /** @description When the range begins, a day of UTC. */
            from: string;
            /** @description A hundred parts of the video. */
            points: components["schemas"]["RetentionPointBody"][];
            /** @description How well it plays. */
            quality: components["schemas"]["QualityBody"];
            /**
             * Format: int32
             * @description Sessions that began in the range.
             */
            sessions: number;
            /** @description Always UTC. */
            timeZone: string;
            /** @description When it ends. */
            to: string;
            /** @description The video. */
            video: string;
        };
        /** @description A part of a video. */
        RetentionPointBody: {
            /**
             * Format: double
             * @description Where it begins, 0 to 1.
             */
            position: number;
            /**
             * Format: double
             * @description What part of the sessions saw it, 0 to 1.
             */
            watching: number;
        };
        /** @description A few of each kind. */
        SearchBody: {
            /** @description Places in videos, best first. */
            captions: components["schemas"]["CaptionHitBody"][];
            /** @description Channels, best first. */
            channels: components["schemas"]["ChannelHitBody"][];
            /** @description What was looked for in place of `q`, where words were mistyped. */
            correctedQuery?: string | null;
            /** @description Tweets, best first. */
            tweets: components["schemas"]["TweetHitBody"][];
            /** @description Videos, best first. */
            videos: components["schemas"]["VideoHitBody"][];
        };
        /** @description A page of one kind. */
        SearchPageBody: {
            /** @description What was looked for in place of `q`, where words were mistyped. */
            correctedQuery?: string | null;
            /** @description Best first. */
            items: components["schemas"]["HitBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
            /**
             * @description Which kind.
             * @example videos
             */
            type: string;
        };
        /** @description What was sent to viewers. */
        SentBody: {
            /**
             * Format: int64
             * @description Bytes of media files.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Answers that these were part of.
             */
            requests: number;
        };
        /** @description What was sent of late. */
        SentLatelyBody: {
            /** @description The last 7 days, with today. */
            last7Days: components["schemas"]["SentBody"];
            /** @description The last 28 days, with today. */
            last28Days: components["schemas"]["SentBody"];
            /** @description Today (UTC). */
            today: components["schemas"]["SentBody"];
        };
        /** @description One number over time. */
        SeriesBody: {
            /**
             * Format: double
             * @description By how many percent the total has changed; null where there was nothing before. Only where it is asked for.
             */
            change?: number | null;
            /** @description When the first bucket begins. */
            from: string;
            /** @description `minute`, `hour` or `day`. */
            granularity: string;
            /** @description Buckets before this time are not kept, and 0 here; left out where all are. */
            keptFrom?: string | null;
            /** @description Which. */
            metric: string;
            /** @description All buckets, without gaps. */
            points: components["schemas"]["PointBody"][];
            previous?: components["schemas"]["PreviousLineBody"] | null;
            /** @description Of which zone days are: UTC also where the hours of another one are not kept any more. */
            timeZone: string;
            /** @description When the last bucket ends. */
            to: string;
            /**
             * Format: double
             * @description Of all buckets: their sum, the mean, or different viewers, who are no sum.
             */
            total?: number | null;
        };
        /** @description One sign-in. */
        SessionBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description When it began. */
            createdAt: string;
            /** @description It is the one that asks. */
            current: boolean;
            /** @description What it was made with. */
            device: string;
            /** @description When it ends at the latest. */
            expiresAt: string;
            /** @description When it was last refreshed. */
            lastUsedAt: string;
        };
        /** @description A setting as it holds. */
        SettingBody: {
            /** @description What it does. */
            about: string;
            /** @description What would hold if nothing was said. */
            default: string;
            /**
             * @description Name in the file.
             * @example max_height
             */
            name: string;
            /**
             * @description Section of the settings file.
             * @example media
             */
            section: string;
            /**
             * @description What set it: `flag`, `environment`, `file` or `default`.
             * @example default
             */
            source: string;
            /**
             * @description What holds, as it was written; null where it is set and not shown. What gives access, as in
             *     `postgres://…@host`, is left out.
             * @example 1080
             */
            value?: string | null;
        };
        /** @description The printed code and whom to make admin. */
        SetupRequest: {
            /** @description Printed by the server at its start. */
            code?: string | null;
            /** @description Address. */
            email?: string | null;
            /** @description 1 to 80 characters. */
            fullName?: string | null;
            /** @description 8 to 128 characters. */
            password?: string | null;
            /** @description `[a-z0-9_.]{3,30}` after folding. */
            username?: string | null;
        };
        /** @description What one video takes up. */
        ShareBody: {
            /** @description 24 hex digits. */
            _id: string;
            /**
             * Format: int64
             * @description All of it.
             */
            bytes: number;
            /**
             * Format: int64
             * @description The file as it was uploaded; 0 when it is not kept.
             */
            original: number;
            /** @description What was made of it. */
            renditions: components["schemas"]["RenditionShareBody"][];
            /** @description Its title. */
            title: string;
        };
        /** @description Two tokens and whose they are. */
        SignedInBody: {
            /** @description For `Authorization: Bearer`; lives ten minutes. */
            accessToken: string;
            /** @description The same, on refresh. */
            newRefreshToken?: string | null;
            /** @description For the next pair; works once. */
            refreshToken: string;
            /** @description Who. */
            user: components["schemas"]["UserBody"];
        };
        /** @description A day of the range. */
        SiteDayBody: {
            /**
             * Format: int64
             * @description Comments, less those that were removed.
             */
            comments: number;
            /**
             * @description Which, `YYYY-MM-DD`, of UTC.
             * @example 2026-01-31
             */
            day: string;
            /**
             * Format: int64
             * @description Encodes that went well.
             */
            encodesDone: number;
            /**
             * Format: int64
             * @description Encodes that were given up.
             */
            encodesFailed: number;
            /**
             * Format: int64
             * @description Likes, less those that were taken back.
             */
            likes: number;
            /**
             * Format: int64
             * @description Accounts that were made.
             */
            newUsers: number;
            /**
             * Format: int64
             * @description Videos that were uploaded.
             */
            newVideos: number;
            /** @description What was sent. */
            sent: components["schemas"]["SentBody"];
            /**
             * Format: int64
             * @description Different viewers.
             */
            viewers: number;
            /**
             * Format: int64
             * @description Views.
             */
            views: number;
            /**
             * Format: int64
             * @description Media time that was watched, in seconds.
             */
            watchTime: number;
        };
        /** @description What the whole site comes to. */
        SiteStatsBody: {
            /** @description Who was here. */
            active: components["schemas"]["ActiveBody"];
            /** @description What was sent of late. */
            bandwidth: components["schemas"]["SentLatelyBody"];
            /** @description Each day of the range, oldest first. */
            days: components["schemas"]["SiteDayBody"][];
            /** @description Encodes. */
            encodes: components["schemas"]["EncodesBody"];
            /**
             * @description The first day of the range.
             * @example 2026-01-04
             */
            from: string;
            /** @description What there is at this moment. */
            live: components["schemas"]["LiveBody"];
            /** @description What is stored. */
            storage: components["schemas"]["SiteStorageBody"];
            /**
             * @description The day after its last.
             * @example 2026-02-01
             */
            to: string;
            /** @description Videos that most was sent of in the range, at most ten. */
            topByBandwidth: components["schemas"]["TopVideoBody"][];
            /** @description Public videos with the most views ever, at most ten. */
            topByViews: components["schemas"]["TopVideoBody"][];
            /** @description How many there are. */
            totals: components["schemas"]["SiteTotalsBody"];
        };
        /** @description What is stored. */
        SiteStorageBody: {
            /** @description Subtitle tracks. */
            captions: components["schemas"]["FilesBody"];
            /**
             * Format: int64
             * @description Bytes that are free on the disk of the media.
             */
            diskFreeBytes: number;
            /**
             * Format: int64
             * @description Bytes of that disk.
             */
            diskTotalBytes: number;
            /** @description Originals that are kept. */
            originals: components["schemas"]["FilesBody"];
            /**
             * Format: int64
             * @description Bytes of what was made of originals.
             */
            renditionsBytes: number;
            /**
             * Format: int64
             * @description All of that. Pictures are not counted: there are few of them, and small.
             */
            totalBytes: number;
        };
        /** @description How many there are, and what was watched in all. */
        SiteTotalsBody: {
            /**
             * Format: int64
             * @description Comments.
             */
            comments: number;
            /**
             * Format: int64
             * @description Accounts.
             */
            users: number;
            /**
             * Format: int64
             * @description Videos, whoever may see them.
             */
            videos: number;
            /**
             * Format: int64
             * @description Views.
             */
            views: number;
            /**
             * Format: int64
             * @description Media time that was watched, in seconds.
             */
            watchTime: number;
        };
        /** @description A page from a cursor on. */
        SliceBody: {
            /** @description What is on it. */
            items: components["schemas"]["DeliveryBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description How one stands to a channel. */
        StandingBody: {
            /** @description The same. */
            isSubscribed: boolean;
            /** @description Whether one follows it. */
            subscribed: boolean;
            /**
             * Format: int64
             * @description How many do.
             */
            subscribersCount: number;
        };
        /** @description How a channel stands. */
        StatsBody: {
            period?: components["schemas"]["PeriodBody"] | null;
            /**
             * Format: int64
             * @description The same.
             */
            subscriberCount: number;
            /**
             * Format: int64
             * @description Comments under its videos.
             */
            totalComments: number;
            /**
             * Format: int64
             * @description Likes of its videos.
             */
            totalLikes: number;
            /**
             * Format: int64
             * @description Followers.
             */
            totalSubscribers: number;
            /**
             * Format: int64
             * @description All its videos, unpublished too.
             */
            totalVideos: number;
            /**
             * Format: int64
             * @description Counted views.
             */
            totalViews: number;
            /**
             * Format: double
             * @description Media time that was watched, seconds.
             */
            totalWatchTime: number;
        };
        /** @description How far a video is. */
        StatusBody: {
            /**
             * Format: int64
             * @description How often the present step was started; only to its owner.
             */
            attempts?: number | null;
            /**
             * Format: double
             * @description How long it will still take, seconds; null while that cannot be told.
             */
            etaSeconds?: number | null;
            /** @description Nobody works on it at the moment: its turn has not come. */
            isWaiting: boolean;
            /**
             * Format: double
             * @description 0 to 1.
             */
            progress: number;
            /**
             * @description `processing`, `ready`, `rejected`, `failed`.
             * @example processing
             */
            status: string;
            /** @description Why it was rejected or failed. */
            statusReason?: string | null;
            /** @description What is being done; only to its owner. */
            step?: string | null;
            /** @description Every step, in the order in which they begin. */
            steps: components["schemas"]["StepBody"][];
            /** @description Something of it can be played. */
            watchable: boolean;
        };
        /** @description One step of preparing a video. */
        StepBody: {
            /** @description `prepare`, `audio`, the name of a rendition, or `finish`. */
            name: string;
            /**
             * Format: double
             * @description 0 to 1.
             */
            progress: number;
            /**
             * @description `waiting`, `running`, `done`.
             * @example running
             */
            state: string;
        };
        /** @description What somebody stores. */
        StorageBody: {
            /**
             * Format: int64
             * @description The most that may be taken in a day; null: no bound.
             */
            dailyBytes?: number | null;
            /**
             * Format: int64
             * @description Bytes of uploads taken today (UTC).
             */
            dailyUsedBytes: number;
            /**
             * Format: int64
             * @description Uploads that are not finished.
             */
            openUploads: number;
            /**
             * Format: int64
             * @description The most that both may be together; null: no bound.
             */
            quotaBytes?: number | null;
            /**
             * Format: int64
             * @description Bytes that uploads under way may still bring.
             */
            reservedBytes: number;
            /**
             * Format: int64
             * @description Bytes of all videos, with what was made of them.
             */
            usedBytes: number;
            /** @description The videos, the newest first. */
            videos: components["schemas"]["StoragePageBody"];
        };
        /** @description A page of videos by what they take up. */
        StoragePageBody: {
            /** @description The videos. */
            items: components["schemas"]["ShareBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description What an act is about. */
        SubjectBody: {
            /** @description Which: 24 hex digits. */
            _id: string;
            /**
             * @description `video`, `comment`, `tweet`, `user`, `playlist`.
             * @example comment
             */
            kind: string;
            /** @description The handle of whose it is. */
            owner?: string | null;
            /** @description Its title, name or text; of a long text the beginning. */
            text: string;
            /** @description The video that it is, or that it stands under or is about. */
            video?: string | null;
        };
        /** @description Someone who follows a channel. */
        SubscriberBody: {
            /** @description Of the subscription. */
            _id: string;
            /** @description Since when. */
            createdAt: string;
            /** @description Who. */
            subscriber: components["schemas"]["OwnerBody"];
        };
        /** @description A page from a cursor on. */
        SubscriberBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["SubscriberBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A channel that somebody follows. */
        SubscriptionBody: {
            /** @description Of the subscription. */
            _id: string;
            /** @description Which. */
            channel: components["schemas"]["OwnerBody"];
            /** @description Since when. */
            createdAt: string;
            latestVideo?: components["schemas"]["VideoBody"] | null;
        };
        /** @description A page from a cursor on. */
        SubscriptionBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["SubscriptionBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description All sums of some time. */
        SumsBody: {
            /**
             * Format: int64
             * @description Comments.
             */
            comments: number;
            /**
             * Format: int64
             * @description Failures to play.
             */
            errors: number;
            /**
             * Format: int64
             * @description Likes, less those that were taken back.
             */
            likes: number;
            /**
             * Format: int64
             * @description Views by the owner, in no other number.
             */
            ownViews: number;
            /**
             * Format: double
             * @description Media time that the owner watched, seconds.
             */
            ownWatchTime: number;
            /**
             * Format: double
             * @description What part of the time people waited for data.
             */
            rebufferRatio?: number | null;
            /**
             * Format: int64
             * @description Sessions that began.
             */
            sessions: number;
            /**
             * Format: double
             * @description How long starts took, seconds: a mean. Null where none was told.
             */
            startup?: number | null;
            /**
             * Format: int64
             * @description Followers gained, less those that were lost.
             */
            subscribers: number;
            /**
             * Format: int64
             * @description Followers gained.
             */
            subscribersGained: number;
            /**
             * Format: int64
             * @description Followers lost.
             */
            subscribersLost: number;
            /**
             * Format: int64
             * @description Different viewers, estimated.
             */
            viewers: number;
            /**
             * Format: int64
             * @description Counted views.
             */
            views: number;
            /**
             * Format: double
             * @description Media time that was watched, seconds.
             */
            watchTime: number;
        };
        /** @description How a thing stands. */
        TakedownBody: {
            /**
             * @description `video`, `comment`, `tweet`, `playlist`.
             * @example video
             */
            kind: string;
            /** @description Why. */
            reason?: string | null;
            /** @description It is taken down. */
            takenDown: boolean;
            /** @description Since when. */
            takenDownAt?: string | null;
            /** @description Which. */
            target: string;
        };
        /** @description Why something is taken down. */
        TakedownRequest: {
            /** @description For its owner, 1 to 500 characters. */
            reason?: string | null;
        };
        TextFile: string;
        /** @description A frame of the video that could be its poster. */
        ThumbnailBody: {
            /**
             * Format: double
             * @description Where in the video it is, seconds.
             */
            at: number;
            /** @description Whether the poster was made of it. */
            chosen: boolean;
            /** @description To choose it by. */
            id: string;
            /** @description Address of the picture, for a few minutes and the owner only. */
            url: string;
        };
        /** @description Those with the most. */
        TopBody: {
            /** @description `video`, or what a range is told apart by. */
            by: string;
            /** @description When the range begins, a day of UTC; 1970 where it is all time. */
            from: string;
            /** @description Those with the most, the largest first. */
            items: components["schemas"]["TopItemBody"][];
            /** @description What they are in order of. */
            metric: string;
            /** @description Always UTC. */
            timeZone: string;
            /** @description When it ends. */
            to: string;
            /**
             * Format: double
             * @description Of all, also of those that are not shown or not known.
             */
            total: number;
        };
        /** @description One of those with the most. */
        TopItemBody: {
            /**
             * Format: int64
             * @description Comments; of videos.
             */
            comments?: number | null;
            /**
             * Format: int64
             * @description Failures to play. Not of videos.
             */
            errors?: number | null;
            /**
             * Format: int64
             * @description Likes, less those that were taken back; of videos.
             */
            likes?: number | null;
            /** @description Which source, host, device, country or rendition, where a range is told apart. */
            name?: string | null;
            /**
             * Format: double
             * @description What part of the time people waited for data. Not of videos.
             */
            rebufferRatio?: number | null;
            /**
             * Format: double
             * @description What part of the total that is, 0 to 1.
             */
            share: number;
            /**
             * Format: double
             * @description How long starts took, seconds: a mean. Not of videos.
             */
            startup?: number | null;
            /**
             * Format: int64
             * @description Followers gained; of videos.
             */
            subscribersGained?: number | null;
            /**
             * Format: double
             * @description What it is in order of; watch time in seconds.
             */
            value: number;
            video?: components["schemas"]["GlanceBody"] | null;
            /**
             * Format: int64
             * @description Counted views.
             */
            views: number;
            /**
             * Format: double
             * @description Media time that was watched, seconds.
             */
            watchTime: number;
        };
        /** @description A video on top of something. */
        TopVideoBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description Whose: 24 hex digits. */
            owner: string;
            sent?: components["schemas"]["SentBody"] | null;
            /** @description Its title. */
            title: string;
            /**
             * Format: int64
             * @description Views ever.
             */
            views: number;
        };
        /** @description A tweet. */
        TweetBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description As it was typed: text, never markup. */
            content: string;
            /** @description When it was written. */
            createdAt: string;
            /** @description Whether the caller likes it. */
            isLiked: boolean;
            /**
             * Format: int64
             * @description Likes.
             */
            likesCount: number;
            /** @description Whose. */
            owner: components["schemas"]["OwnerBody"];
            /** @description When its text last changed. */
            updatedAt: string;
            /** @description The video it is about; null where there is none that the caller may see. */
            video?: string | null;
            /**
             * Format: double
             * @description The place in that, seconds from its start.
             */
            videoAt?: number | null;
        };
        /** @description A page from a cursor on. */
        TweetBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["TweetBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A tweet that was found. */
        TweetHitBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description What it says. */
            content: string;
            /** @description When it was posted. */
            createdAt: string;
            /** @description Where the words are. */
            highlights: components["schemas"]["HighlightBody"][];
            /**
             * Format: int64
             * @description Likes.
             */
            likesCount: number;
            /** @description Whose. */
            owner: components["schemas"]["OwnerBody"];
            /** @description When it was last changed. */
            updatedAt: string;
            /** @description The video it is about, where everyone may find that. */
            video?: string | null;
            /**
             * Format: double
             * @description The place in that video, seconds.
             */
            videoAt?: number | null;
        };
        /** @description A page of tweets, by number. */
        TweetPageBody: components["schemas"]["PageBody"] & {
            /**
             * Format: int64
             * @description The same as `totalDocs`.
             */
            totalTweets: number;
            /** @description The same as `docs`. */
            tweets: components["schemas"]["TweetBody"][];
        };
        /** @description How many notifications are unread. */
        UnreadBody: {
            /**
             * Format: int64
             * @description Exact up to 99.
             */
            unreadCount: number;
            /** @description There are more than that. */
            unreadIsEstimate: boolean;
        };
        /** @description Profile fields; absent ones stay. */
        UpdateAccountRequest: {
            /** @description Up to 1,000 characters. */
            bio?: string | null;
            /** @description Address. */
            email?: string | null;
            /** @description 1 to 80 characters. */
            fullName?: string | null;
            /** @description Whether nobody else is shown whom they follow. */
            subscriptionsHidden?: boolean | null;
        };
        /** @description Another text. */
        UpdateCommentRequest: {
            /** @description 1 to 10,000 characters. */
            content?: string | null;
        };
        /** @description What one's channel asks for from now on; what is absent stays. */
        UpdateCommentSettingsRequest: {
            /** @description `none`, `links` (those with links wait), `first` (until one of that author was approved) or `all`. */
            approval?: string | null;
            /** @description Up to 500 words and phrases of up to 100 characters, in place of those before. */
            blockedWords?: string[] | null;
        };
        /** @description Whether comments under a video are taken from now on. */
        UpdateCommentsModeRequest: {
            /** @description `on`, `held` or `off`. */
            commentsMode?: string | null;
        };
        /** @description What to change about a job. */
        UpdateJobRequest: {
            /** @description `urgent`, `normal` or `low`; holds for all work on the same video. */
            priority?: string | null;
        };
        /** @description What may be changed; absent fields stay. */
        UpdatePlaylistRequest: {
            /** @description Up to 5,000 characters. */
            description?: string | null;
            /** @description 1 to 150 characters. */
            name?: string | null;
            /** @description `public`, `unlisted`, `private`. */
            visibility?: string | null;
        };
        /** @description Which kinds are wanted from now on; those that are absent stay as they are. */
        UpdatePreferencesRequest: {
            /** @description Comments on one's videos. */
            comment?: boolean | null;
            /** @description Comments wait under one's videos. */
            commentHeld?: boolean | null;
            /** @description One's videos reach 10, 100, 1,000, … likes. */
            likeMilestone?: boolean | null;
            /** @description Subscribed channels tweet. */
            newTweet?: boolean | null;
            /** @description Subscribed channels bring out videos. */
            newVideo?: boolean | null;
            /** @description One's videos could not be prepared. */
            processingFailed?: boolean | null;
            /** @description One's videos are ready. */
            processingFinished?: boolean | null;
            /** @description Replies to one's comments. */
            reply?: boolean | null;
            /** @description One's webhooks are switched off, because nothing arrives there. */
            webhookDisabled?: boolean | null;
        };
        /** @description What a moderator says to a report; absent fields stay. */
        UpdateReportRequest: {
            /** @description For other moderators, up to 500 characters. */
            note?: string | null;
            /** @description `open` or `closed`. */
            state?: string | null;
        };
        /** @description Another text. */
        UpdateTweetRequest: {
            /** @description 1 to 500 characters. */
            content?: string | null;
        };
        /** @description What to change about an account; absent fields stay. */
        UpdateUserRequest: {
            /** @description Whether the account is switched off. */
            disabled?: boolean | null;
            /** @description The admin's own password; needed for another role, and for nothing else. */
            password?: string | null;
            /**
             * Format: int64
             * @description The most bytes that they may store; 0: no bound, null: what holds for everyone.
             */
            quota?: number | null;
            /** @description `user`, `moderator` or `admin`. */
            role?: string | null;
        };
        /** @description The same by a form, which may add a picture. */
        UpdateVideoForm: {
            /** @description Up to 10,000 characters. */
            description?: string | null;
            /** @description Whether the original stays once the video is ready. */
            keepOriginal?: boolean | null;
            /** @description Words with commas between, or a JSON array; may be repeated. */
            tags?: string | null;
            /**
             * Format: binary
             * @description JPEG, PNG or WebP of at most 10 MiB.
             */
            thumbnail?: string | null;
            /** @description 1 to 200 characters. */
            title?: string | null;
            /** @description `public`, `unlisted`, `private`. */
            visibility?: string | null;
        };
        /** @description What may be changed; absent fields stay. A form may add the file `thumbnail`. */
        UpdateVideoRequest: {
            /** @description Up to 10,000 characters. */
            description?: string | null;
            /**
             * @description Whether the original stays once the video is ready. `false` drops one that was kept; what is dropped
             *     does not come back.
             */
            keepOriginal?: boolean | null;
            /** @description At most 30 of at most 40 characters. */
            tags?: string[] | null;
            /** @description 1 to 200 characters. */
            title?: string | null;
            /** @description `public`, `unlisted`, `private`. */
            visibility?: string | null;
        };
        /** Format: binary */
        UploadBytes: string;
        /** @description A user as everyone sees them; to themselves also `email`, `role` and `watchHistory`. */
        UserBody: {
            /**
             * @description 24 hex digits.
             * @example 65f1c0ffee0123456789abcd
             */
            _id: string;
            /** @description Address of the picture. */
            avatar: string;
            /** @description They cannot sign in before an admin agrees; left out otherwise. */
            awaitingApproval?: boolean | null;
            /** @description Channel description. */
            bio: string;
            /** @description Address of the banner; empty when there is none. */
            coverImage: string;
            /**
             * @description When they registered.
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /** @description Only to themselves. */
            email?: string | null;
            /** @description Shown name. */
            fullName: string;
            /** @description Only to themselves: `user`, `moderator` or `admin`. */
            role?: string | null;
            /** @description Only to themselves: nobody else is shown whom they follow. */
            subscriptionsHidden?: boolean | null;
            /**
             * @description When a shown field last changed.
             * @example 2026-01-31T12:00:00.000Z
             */
            updatedAt: string;
            /** @description Handle, lower case. */
            username: string;
            /** @description Only to themselves; the list itself is at `/users/history`. */
            watchHistory?: Record<string, never>[] | null;
        };
        /** @description A video. */
        VideoBody: {
            /** @description 24 hex digits. */
            _id: string;
            /** @description Subtitle tracks. */
            captions: components["schemas"]["CaptionBody"][];
            /**
             * Format: int64
             * @description Comments.
             */
            commentsCount: number;
            /** @description When it was uploaded. */
            createdAt: string;
            /** @description Address of the DASH manifest. */
            dash?: string | null;
            /** @description Several lines. */
            description: string;
            /** @description In the answer to an upload whose bytes were uploaded before: this video, the earlier one. */
            duplicateOf?: string | null;
            /**
             * Format: double
             * @description Seconds.
             */
            duration: number;
            /**
             * Format: int64
             * @description Pixels, as shown.
             */
            height: number;
            /** @description Address of the HLS playlist. */
            hls?: string | null;
            /** @description Whether the caller likes it. */
            isLiked: boolean;
            /** @description Visibility is not private. */
            isPublished: boolean;
            /** @description Whether the original stays once the video is ready; for its owner only. */
            keepOriginal?: boolean | null;
            /**
             * Format: int64
             * @description Likes.
             */
            likesCount: number;
            /** @description Whose. */
            owner: components["schemas"]["OwnerBody"];
            /**
             * Format: double
             * @description How far processing is, 0 to 1.
             */
            progress: number;
            /** @description When it was first listed. */
            publishedAt?: string | null;
            /**
             * Format: double
             * @description Where the caller stopped watching, seconds.
             */
            resumeAt?: number | null;
            /**
             * @description `processing`, `ready`, `rejected`, `failed`.
             * @example ready
             */
            status: string;
            /** @description Why it was rejected or failed, or taken down. */
            statusReason?: string | null;
            /** @description Address of the storyboard. */
            storyboard?: string | null;
            /** @description Words to find it by. */
            tags: string[];
            /** @description A moderator took it down, for the reason that `statusReason` gives; left out otherwise. */
            takenDown?: boolean | null;
            /** @description Address of the poster. */
            thumbnail?: string | null;
            /** @description One line. */
            title: string;
            /** @description When a shown field last changed. */
            updatedAt: string;
            /** @description Address of the progressive file, once there is one for this viewer. */
            videoFile?: string | null;
            /**
             * Format: int64
             * @description Counted views.
             */
            views: number;
            /**
             * @description `public`, `unlisted`, `private`.
             * @example public
             */
            visibility: string;
            /**
             * Format: int64
             * @description Pixels, as shown.
             */
            width: number;
        };
        /** @description A video that was found. */
        VideoHitBody: components["schemas"]["VideoBody"] & {
            /** @description Where the words are. */
            highlights: components["schemas"]["HighlightBody"][];
        };
        /** @description A page of videos, by number. */
        VideoPageBody: {
            /** @description The videos. */
            docs: components["schemas"]["VideoBody"][];
            /** @description Whether there is one after. */
            hasNextPage: boolean;
            /** @description Whether there is one before. */
            hasPrevPage: boolean;
            /**
             * Format: int64
             * @description At most this many on a page.
             */
            limit: number;
            /**
             * Format: int64
             * @description The one after.
             */
            nextPage?: number | null;
            /**
             * Format: int64
             * @description This page.
             */
            page: number;
            /**
             * Format: int64
             * @description Number of the first on this page.
             */
            pagingCounter: number;
            /**
             * Format: int64
             * @description The one before.
             */
            prevPage?: number | null;
            /**
             * Format: int64
             * @description How many there are.
             */
            totalDocs: number;
            /** @description There are at least that many; left out when the total is exact. */
            totalIsEstimate?: boolean | null;
            /**
             * Format: int64
             * @description How many pages.
             */
            totalPages: number;
            /**
             * Format: int64
             * @description The same.
             */
            totalVideos: number;
            /** @description The same, written once and copied. */
            videos: components["schemas"]["VideoBody"][];
        };
        /** @description A comment that waits, for whoever decides about it. */
        WaitingCommentBody: components["schemas"]["HeldCommentBody"] & {
            /** @description Why: `video`, `all`, `first`, `links` or `words`. Its author is not told. */
            heldReason: string;
        };
        /** @description A page from a cursor on. */
        WaitingCommentBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["WaitingCommentBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A video that one watched. */
        WatchedBody: components["schemas"]["VideoBody"] & {
            /** @description When one watched it last. */
            watchedAt: string;
        };
        /** @description A page from a cursor on. */
        WatchedBodySlice: {
            /** @description What is on it. */
            items: components["schemas"]["WatchedBody"][];
            /** @description Where the next page begins; null at the end. */
            nextCursor?: string | null;
        };
        /** @description What a player tells while it plays: one beacon, or several in `beacons`. */
        WatchingRequest: {
            /** @description At most 100, oldest first. Where it is there, it is read instead of the fields of one. */
            beacons?: components["schemas"]["BeaconRequest"][] | null;
            /** @description What happened, such as `progress`, `pause`; `end`: the video was watched to its end. */
            event?: string | null;
            /**
             * Format: double
             * @description Where the stretch began that was played.
             */
            from?: number | null;
            /**
             * Format: double
             * @description Where the player is now; absent: where the stretch ended.
             */
            position?: number | null;
            /** @description Address of the page that led to the one with the player, as browsers have it in `document.referrer`. */
            referrer?: string | null;
            /** @description What is played, such as `720p`. */
            rendition?: string | null;
            /**
             * Format: int64
             * @description Number of the beacon in its session, one more with each.
             */
            seq?: number | null;
            /** @description Which player: random, and the same while a page is open. At most 100 bytes. */
            sessionId?: string | null;
            /**
             * @description From where in the site the viewer came: `search`, `subscriptions`, `related`, `playlist`, `channel`, `home`,
             *     `embed`.
             */
            source?: string | null;
            /**
             * Format: double
             * @description How long data was waited for, in milliseconds.
             */
            stallMs?: number | null;
            /**
             * Format: double
             * @description How long the start took, in milliseconds.
             */
            startupMs?: number | null;
            /**
             * Format: double
             * @description Where it ended.
             */
            to?: number | null;
        };
        /** @description A webhook. */
        WebhookBody: {
            /** @description 24 hex digits. */
            _id: string;
            /**
             * @description Whether it is told anything.
             * @example true
             */
            active: boolean;
            /** @description When. */
            createdAt: string;
            /**
             * @description Why the server switched it off: `gone` (it answered 410), `failing` (nothing arrived for three days).
             * @example null
             */
            ended?: string | null;
            /**
             * @description What it is told.
             * @example [
             *       "video.published",
             *       "comment.created"
             *     ]
             */
            events: string[];
            /**
             * @description Since when nothing has arrived there; null while all is well.
             * @example null
             */
            failingSince?: string | null;
            /** @description When it last changed. */
            updatedAt: string;
            /**
             * @description Where to.
             * @example https://hooks.example/streamsphere
             */
            url: string;
        };
        /** @description What a webhook is made of, or what of it changes; what is absent then stays. */
        WebhookRequest: {
            /**
             * @description Whether it is told anything.
             * @example true
             */
            active?: boolean | null;
            /**
             * @description What it is told: `video.published`, `video.ready`, `video.failed`, `video.removed`, `comment.created`,
             *     `tweet.created`, `subscriber.added`. Required for a new one.
             * @example [
             *       "video.published",
             *       "comment.created"
             *     ]
             */
            events?: string[] | null;
            /**
             * @description Where to: an https address, 2,000 characters at most. Required for a new one.
             * @example https://hooks.example/streamsphere
             */
            url?: string | null;
        };
        /** @description A webhook with its secret, which is told this once. */
        WebhookSecretBody: components["schemas"]["WebhookBody"] & {
            /**
             * @description What deliveries are signed with.
             * @example whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD
             */
            secret: string;
        };
    };
    responses: {
        /** @description Bad Request */
        Refused400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "invalid_fields",
                 *       "data": null,
                 *       "errors": [
                 *         {
                 *           "code": "too_long",
                 *           "field": "title",
                 *           "message": "At most 200 characters."
                 *         }
                 *       ],
                 *       "message": "Some fields are not right.",
                 *       "statusCode": 400,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Unauthorized */
        Refused401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "unauthenticated",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "Sign in first.",
                 *       "statusCode": 401,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Forbidden */
        Refused403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "not_the_owner",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This is somebody else's.",
                 *       "statusCode": 403,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Not Found */
        Refused404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "video_not_found",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "Video not found",
                 *       "statusCode": 404,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Conflict */
        Refused409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "username_taken",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This name is taken.",
                 *       "statusCode": 409,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Gone */
        Refused410: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 410,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Precondition Failed */
        Refused412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "precondition_failed",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This is not what was expected.",
                 *       "statusCode": 412,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Payload Too Large */
        Refused413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "body_too_large",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "The body is larger than 65536 bytes.",
                 *       "statusCode": 413,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Unsupported Media Type */
        Refused415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "not_json",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "Send JSON, with Content-Type: application/json.",
                 *       "statusCode": 415,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Range Not Satisfiable */
        Refused416: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 416,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Misdirected Request */
        Refused421: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "unknown_host",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This server does not answer to that host name.",
                 *       "statusCode": 421,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Unprocessable Entity */
        Refused422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "impossible_claim",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This cannot be.",
                 *       "statusCode": 422,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Locked */
        Refused423: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 423,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Too Many Requests */
        Refused429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "too_many_requests",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "Too many requests. Slow down a little.",
                 *       "statusCode": 429,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Checksum Mismatch */
        Refused460: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 460,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Internal Server Error */
        Refused500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "internal",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "Something went wrong on the server.",
                 *       "statusCode": 500,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Not Implemented */
        Refused501: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 501,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Service Unavailable */
        Refused503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 503,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Insufficient Storage */
        Refused507: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "refused",
                 *       "data": null,
                 *       "errors": [],
                 *       "message": "This was refused.",
                 *       "statusCode": 507,
                 *       "success": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    docs_page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    docs_style: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    docs_script: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AuditBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_all_jobs: {
        parameters: {
            query?: {
                /** @description Empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 20 when absent. */
                limit?: string;
                /** @description `queued`, `running`, `done`, `dead`, `cancelled`; any when absent. */
                state?: string;
                /** @description Only of this user. */
                userId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JobPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateJobRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JobBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_registrations: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AccountBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    refuse_registration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    approve_registration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AccountBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_reports: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description Only about `video`, `comment`, `tweet`, `user` or `playlist`. */
                kind?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description `open` (when absent) or `closed`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["HandledReportBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                reportId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateReportRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["HandledReportBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SettingBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    claim_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UserBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_site_stats: {
        parameters: {
            query?: {
                /** @description The first day (UTC), `YYYY-MM-DD`; 28 days before `to` when absent. */
                from?: string;
                /** @description The day after the last, at most 92 days later; tomorrow when absent. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SiteStatsBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    save_takedown: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example video */
                kind: "video" | "comment" | "tweet" | "playlist";
                /** @example 65f1c0ffee0123456789abcd */
                targetId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakedownRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TakedownBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_takedown: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example video */
                kind: "video" | "comment" | "tweet" | "playlist";
                /** @example 65f1c0ffee0123456789abcd */
                targetId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TakedownBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description What their names begin with. */
                query?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AccountBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AccountBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    approve_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_comments: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 10 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
                /** @description Words in the text; replies are not searched. */
                query?: string;
                /** @description `createdAt`, `likesCount`. */
                sortBy?: string;
                /** @description `asc` or `desc`. */
                sortType?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["CommentBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    add_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddCommentRequest"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    update_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateCommentRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    pin_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    unpin_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_replies: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 10 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
                /** @description `asc` (the default: oldest first) or `desc`. */
                sortType?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ReplyPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["CommentBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    list_held_comments: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Only under this video; for moderators any video, otherwise one's own. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WaitingCommentBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    approve_held_comments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DecisionsBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_own_held_comments: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["HeldCommentBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_held_comments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DecisionsBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    export_dashboard: {
        parameters: {
            query?: {
                /** @description `csv` (when absent) or `json`. */
                format?: string;
                /** @description When the range begins: ISO 8601, a day, or milliseconds since 1970; 28 days before the end when absent. */
                from?: string;
                /** @description `day` (when absent); of videos also `total`: one row each; of the channel or one video also `hour`, `minute`. */
                granularity?: string;
                /** @description `videos` (when absent): a row for each video and day; `channel`: the whole channel, a row for each bucket. */
                per?: string;
                /** @description When it ends, which is not part of it; now when absent. */
                to?: string;
                /** @description The IANA name of the time zone of days, of the channel or one video; UTC when absent. */
                tz?: string;
                /** @description One video, a row for each bucket. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description A file name with the channel and the range */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    stream_dashboard: {
        parameters: {
            query?: {
                /** @description One video, in place of the whole channel. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    get_realtime: {
        parameters: {
            query?: {
                /** @description One video, in place of the whole channel. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["RealtimeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_dashboard_stats: {
        parameters: {
            query?: {
                /** @description When it begins: ISO 8601, a day, or milliseconds since 1970. */
                from?: string;
                /** @description When it ends, which is not part of it; now when absent. */
                to?: string;
                /** @description The IANA name of the time zone of its days, such as `Europe/Berlin`; UTC when absent. */
                tz?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StatsBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    get_dashboard_series: {
        parameters: {
            query?: {
                /** @description `previous`: also as many buckets before. */
                compare?: string;
                /**
                 * @description When it begins: ISO 8601, a day, or milliseconds since 1970; 28 days before the end when absent, or an hour by
                 *     the minute.
                 */
                from?: string;
                /** @description `minute` (48 hours at most), `hour` (400 days) or `day` (10 years; when absent). */
                granularity?: string;
                /**
                 * @description `views` (when absent), `ownViews`, `viewers`, `watchTime`, `ownWatchTime`, `likes`, `comments`,
                 *     `subscribersGained`, `subscribersLost`, `subscribers`, `sessions`, `startup`, `rebufferRatio`, `errors`.
                 */
                metric?: string;
                /** @description When it ends, which is not part of it; now when absent. */
                to?: string;
                /** @description The IANA name of the time zone of days, such as `Europe/Berlin`; UTC when absent. */
                tz?: string;
                /** @description One video, in place of the whole channel. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SeriesBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    get_dashboard_top: {
        parameters: {
            query?: {
                /** @description `video` (when absent), `source`, `host`, `device`, `country` or `rendition`. */
                by?: string;
                /** @description When the range begins: ISO 8601, a day, or milliseconds since 1970; 28 days before the end when absent. */
                from?: string;
                /** @description How many, 1 to 100; 20 when absent. */
                limit?: string;
                /** @description `views` (when absent), `watchTime`; of videos also `likes`, `comments`, `subscribersGained`. */
                metric?: string;
                /** @description When it ends, which is not part of it; now when absent. */
                to?: string;
                /** @description One video, in place of the whole channel, where a range is told apart. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TopBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    list_dashboard_videos: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DashboardVideoBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["DashboardVideoBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_retention: {
        parameters: {
            query?: {
                /** @description When it begins: ISO 8601, a day, or milliseconds since 1970. */
                from?: string;
                /** @description When it ends, which is not part of it; now when absent. */
                to?: string;
                /** @description The IANA name of the time zone of its days, such as `Europe/Berlin`; UTC when absent. */
                tz?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["RetentionBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    stream_events: {
        parameters: {
            query?: {
                /** @description Videos that the caller has open, with commas between: 20 at most. Needed by whoever is not signed in. */
                videos?: string;
            };
            header?: {
                /** @description The last event that was heard; what came after it is told first */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    get_subscription_feed: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["FeedItemBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_feed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example asha */
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description Changes with the feed */
                    ETag?: string;
                    /** @description When something in it last changed */
                    "Last-Modified"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    /** @description Changes with the feed */
                    ETag?: string;
                    /** @description When something in it last changed */
                    "Last-Modified"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    healthcheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["HealthBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_jobs: {
        parameters: {
            query?: {
                /** @description Empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 20 when absent. */
                limit?: string;
                /** @description `queued`, `running`, `done`, `dead`, `cancelled`; any when absent. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JobPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JobBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    cancel_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JobBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    retry_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JobBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    like_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    unlike_comment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    like_tweet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                tweetId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    unlike_tweet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                tweetId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    toggle_comment_like: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                commentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    toggle_tweet_like: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                tweetId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    toggle_video_like: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    like_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    unlike_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_liked_videos: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 10 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LikedVideoPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["LikedVideoBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    list_notifications: {
        parameters: {
            query?: {
                /** @description Empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 20 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["NotificationPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_notification_preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PreferencesBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_notification_preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdatePreferencesRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PreferencesBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    read_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReadNotificationsRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UnreadBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_oembed: {
        parameters: {
            query?: {
                /** @description `json`; nothing else is offered. */
                format?: string;
                /** @description The most pixels down. */
                maxheight?: string;
                /** @description The most pixels across. */
                maxwidth?: string;
                /** @description Address of the video's page. */
                url?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OembedBody"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            501: components["responses"]["Refused501"];
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    create_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePlaylistRequest"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_playlist: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many videos, 1 to 100. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    update_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdatePlaylistRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    move_in_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    add_to_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
                /** @example 65f1c0ffee0123456789abcd */
                videoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    delete_from_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
                /** @example 65f1c0ffee0123456789abcd */
                videoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_from_playlist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example watch-later */
                playlistId: string;
                /** @example 65f1c0ffee0123456789abcd */
                videoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_playlists: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaylistBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["PlaylistBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_push_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PushKeyBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    add_push_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PushSubscriptionRequest"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PushSubscriptionBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_push_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                pushId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    add_report: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReportRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ReportBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ReportBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    search: {
        parameters: {
            query?: {
                /** @description With `type`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description With `type=videos`: only what is `short` (under 4 minutes), `medium` (4 to 20) or `long`. */
                length?: string;
                /** @description How many, 1 to 50; 20 when absent, 5 of each kind without `type`. */
                limit?: string;
                /** @description Words, up to 200 characters; each may be the beginning of one. */
                q?: string;
                /** @description With `type=videos`: `relevance` (when absent), `createdAt` or `views`, the most first. */
                sortBy?: string;
                /** @description `videos`, `channels`, `tweets`, `captions`; when absent, a few of each. */
                type?: string;
                /** @description With `type=videos`: only what was published in the last `day`, `week`, `month` or `year`. */
                within?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SearchBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["SearchPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    list_subscribers: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                channelId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SubscriberBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["SubscriberBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    add_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                channelId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StandingBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    toggle_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                channelId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StandingBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                channelId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StandingBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_subscriptions: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                subscriberId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SubscriptionBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["SubscriptionBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_trending: {
        parameters: {
            query?: {
                /** @description Empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 20 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CursorPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_tweets: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 10 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
                /** @description Words in the text. */
                query?: string;
                /** @description `createdAt`, `likesCount`. */
                sortBy?: string;
                /** @description `asc` or `desc`. */
                sortType?: string;
                /** @description Only by this author. */
                userId?: string;
                /** @description Only about this video. */
                videoId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TweetPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["TweetBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    add_tweet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddTweetRequest"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TweetBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_tweet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                tweetId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    update_tweet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                tweetId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateTweetRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TweetBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_user_tweets: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TweetBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["TweetBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    create_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description sha1 or sha256, a space, the sum of the body in base64 */
                "Upload-Checksum"?: string;
                /** @description 1: the length is declared later */
                "Upload-Defer-Length"?: string;
                /** @description Bytes of the whole file */
                "Upload-Length"?: string;
                /** @description filename, title, description, visibility, tags, allowDuplicate, replaces: key, a space, base64; commas between */
                "Upload-Metadata"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/offset+octet-stream": components["schemas"]["UploadBytes"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    /** @description Where the upload is */
                    Location?: string;
                    /** @description The earlier video of the same bytes, where there is one */
                    "Streamsphere-Duplicate-Of"?: string;
                    /** @description The video it has become, once it is finished */
                    "Streamsphere-Video-Id"?: string;
                    /** @description When the upload is given up unless more bytes come */
                    "Upload-Expires"?: string;
                    /** @description Bytes that are on the disk for good */
                    "Upload-Offset"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            412: components["responses"]["Refused412"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            460: components["responses"]["Refused460"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
            507: components["responses"]["Refused507"];
        };
    };
    describe_uploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            204: {
                headers: {
                    /** @description sha1,sha256 */
                    "Tus-Checksum-Algorithm"?: string;
                    /** @description What is offered beyond the core */
                    "Tus-Extension"?: string;
                    /** @description Bytes of the largest file taken */
                    "Tus-Max-Size"?: string;
                    /** @description 1.0.0 */
                    "Tus-Version"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    override_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description PATCH, DELETE or HEAD, whose headers are sent as well */
                "X-HTTP-Method-Override": string;
            };
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description The earlier video of the same bytes, where there is one */
                    "Streamsphere-Duplicate-Of"?: string;
                    /** @description The video it has become, once it is finished */
                    "Streamsphere-Video-Id"?: string;
                    /** @description 1 while the length is not known */
                    "Upload-Defer-Length"?: string;
                    /** @description When the upload is given up unless more bytes come */
                    "Upload-Expires"?: string;
                    /** @description Bytes of the whole file, once known */
                    "Upload-Length"?: string;
                    /** @description As it was sent */
                    "Upload-Metadata"?: string;
                    /** @description Bytes that are on the disk for good */
                    "Upload-Offset"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            204: {
                headers: {
                    /** @description The earlier video of the same bytes, where there is one */
                    "Streamsphere-Duplicate-Of"?: string;
                    /** @description The video it has become, once it is finished */
                    "Streamsphere-Video-Id"?: string;
                    /** @description 1 while the length is not known */
                    "Upload-Defer-Length"?: string;
                    /** @description When the upload is given up unless more bytes come */
                    "Upload-Expires"?: string;
                    /** @description Bytes of the whole file, once known */
                    "Upload-Length"?: string;
                    /** @description As it was sent */
                    "Upload-Metadata"?: string;
                    /** @description Bytes that are on the disk for good */
                    "Upload-Offset"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            410: components["responses"]["Refused410"];
            412: components["responses"]["Refused412"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            423: components["responses"]["Refused423"];
            460: components["responses"]["Refused460"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
            507: components["responses"]["Refused507"];
        };
    };
    remove_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
            };
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            410: components["responses"]["Refused410"];
            412: components["responses"]["Refused412"];
            421: components["responses"]["Refused421"];
            423: components["responses"]["Refused423"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    describe_upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            204: {
                headers: {
                    /** @description sha1,sha256 */
                    "Tus-Checksum-Algorithm"?: string;
                    /** @description What is offered beyond the core */
                    "Tus-Extension"?: string;
                    /** @description Bytes of the largest file taken */
                    "Tus-Max-Size"?: string;
                    /** @description 1.0.0 */
                    "Tus-Version"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    find_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
            };
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description The earlier video of the same bytes, where there is one */
                    "Streamsphere-Duplicate-Of"?: string;
                    /** @description The video it has become, once it is finished */
                    "Streamsphere-Video-Id"?: string;
                    /** @description 1 while the length is not known */
                    "Upload-Defer-Length"?: string;
                    /** @description When the upload is given up unless more bytes come */
                    "Upload-Expires"?: string;
                    /** @description Bytes of the whole file, once known */
                    "Upload-Length"?: string;
                    /** @description As it was sent */
                    "Upload-Metadata"?: string;
                    /** @description Bytes that are on the disk for good */
                    "Upload-Offset"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            410: components["responses"]["Refused410"];
            412: components["responses"]["Refused412"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            423: components["responses"]["Refused423"];
            500: components["responses"]["Refused500"];
        };
    };
    append_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description sha1 or sha256, a space, the sum of the body in base64 */
                "Upload-Checksum"?: string;
                /** @description Bytes of the whole file, where that was left open */
                "Upload-Length"?: string;
                /** @description Where the bytes belong */
                "Upload-Offset": string;
            };
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/offset+octet-stream": components["schemas"]["UploadBytes"];
            };
        };
        responses: {
            /** @description Success */
            204: {
                headers: {
                    /** @description The earlier video of the same bytes, where there is one */
                    "Streamsphere-Duplicate-Of"?: string;
                    /** @description The video it has become, once it is finished */
                    "Streamsphere-Video-Id"?: string;
                    /** @description When the upload is given up unless more bytes come */
                    "Upload-Expires"?: string;
                    /** @description Bytes that are on the disk for good */
                    "Upload-Offset"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            410: components["responses"]["Refused410"];
            412: components["responses"]["Refused412"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            423: components["responses"]["Refused423"];
            460: components["responses"]["Refused460"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
            507: components["responses"]["Refused507"];
        };
    };
    replace_avatar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["AvatarForm"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UserBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_blocks: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["BlockBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["BlockBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    add_block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["BlockingBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["BlockingBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example asha */
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ChannelBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_comment_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentSettingsBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_comment_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateCommentSettingsRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentSettingsBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    replace_cover_image: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["CoverForm"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UserBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    current_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UserBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_exports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ExportBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    request_export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ExportBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            /** @description Success */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ExportBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            507: components["responses"]["Refused507"];
        };
    };
    remove_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                exportId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_export_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                exportId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description A file name with the day it was asked for */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            206: {
                headers: {
                    /** @description A file name with the day it was asked for */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    /** @description A file name with the day it was asked for */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            410: components["responses"]["Refused410"];
            412: components["responses"]["Refused412"];
            416: components["responses"]["Refused416"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_history: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WatchedBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["WatchedBodySlice"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_history: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_watched: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                videoId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SignedInBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    leave: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LeaveRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    refresh_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SignedInBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    register_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterRequest"];
                "multipart/form-data": components["schemas"]["RegisterForm"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UserBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            403: components["responses"]["Refused403"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SessionBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    revoke_other_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    revoke_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_storage: {
        parameters: {
            query?: {
                /** @description Empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many videos, 1 to 100; 50 when absent. */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StorageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateAccountRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UserBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_videos: {
        parameters: {
            query?: {
                /** @description In place of `page`: empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 10 when absent. */
                limit?: string;
                /** @description Page number, from 1 to 1,000. */
                page?: string;
                /** @description Words in title, description or tags. */
                query?: string;
                /** @description `createdAt`, `views`, `duration`, `title`, `likesCount`. */
                sortBy?: string;
                /** @description `asc` or `desc`. */
                sortType?: string;
                /** @description Only with this tag. */
                tag?: string;
                /** @description Only this channel's; one's own include what is not public. */
                userId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    } | {
                        data: components["schemas"]["CursorPageBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    publish_video: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["PublishForm"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            507: components["responses"]["Refused507"];
        };
    };
    get_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    update_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateVideoRequest"];
                "multipart/form-data": components["schemas"]["UpdateVideoForm"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    cancel_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_captions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CaptionBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_captions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
                /** @example en */
                lang: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CaptionBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    put_captions: {
        parameters: {
            query?: {
                /** @description What a menu shows; the language's own name when absent. */
                label?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
                /** @example en */
                lang: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-subrip": components["schemas"]["TextFile"];
                "multipart/form-data": components["schemas"]["CaptionsForm"];
                "text/vtt": components["schemas"]["TextFile"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CaptionBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CaptionBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            507: components["responses"]["Refused507"];
        };
    };
    remove_captions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
                /** @example en */
                lang: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_comments_mode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentsModeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    update_comments_mode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateCommentsModeRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CommentsModeBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    download_video: {
        parameters: {
            query?: {
                /** @description Name of a rendition (`720p`, `audio`), or `original`. Absent: the best that plays everywhere. */
                rendition?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    /** @description A file name made of the title */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            206: {
                headers: {
                    /** @description A file name made of the title */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    /** @description A file name made of the title */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            412: components["responses"]["Refused412"];
            416: components["responses"]["Refused416"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    replace_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["ReplaceForm"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            507: components["responses"]["Refused507"];
        };
    };
    get_playback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PlaybackBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    list_related: {
        parameters: {
            query?: {
                /** @description 1 to 20; 20 when absent. */
                limit?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    retry_video: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    get_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["StatusBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    choose_thumbnail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChooseThumbnailRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_thumbnails: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ThumbnailBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    note_watching: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WatchingRequest"];
                "text/plain": components["schemas"]["WatchingRequest"];
            };
        };
        responses: {
            /** @description Success */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
            507: components["responses"]["Refused507"];
        };
    };
    toggle_publish: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["VideoBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_webhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookBody"][];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    add_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookRequest"];
            };
        };
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookSecretBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            422: components["responses"]["Refused422"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    remove_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Nothing"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    update_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    list_webhook_deliveries: {
        parameters: {
            query?: {
                /** @description Absent or empty for the start, then what `nextCursor` said. */
                cursor?: string;
                /** @description How many, 1 to 100; 50 when absent. */
                limit?: string;
            };
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SliceBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    retry_webhook_delivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                deliveryId: string;
                /** @example 65f1c0ffee0123456789abcd */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeliveryBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    rotate_webhook_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookSecretBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    test_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeliveryBody"];
                        message: string;
                        statusCode: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
        };
    };
    embed_page: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthBody"];
                };
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyBody"];
                };
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
            /** @description Success */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyBody"];
                };
            };
        };
    };
    get_robots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    get_sitemap_page: {
        parameters: {
            query?: {
                /** @description As `/sitemap.xml` says; the first page when absent. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    get_sitemap: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            500: components["responses"]["Refused500"];
            503: components["responses"]["Refused503"];
        };
    };
    watch_page: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 65f1c0ffee0123456789abcd */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
    watch_script: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Success */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            421: components["responses"]["Refused421"];
            500: components["responses"]["Refused500"];
        };
    };
}
