// Short names for what the API gives.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Video = Schemas["VideoBody"];
export type Owner = Schemas["OwnerBody"];
export type User = Schemas["UserBody"];
export type Channel = Schemas["ChannelBody"];
export type Comment = Schemas["CommentBody"];
export type Tweet = Schemas["TweetBody"];
export type Playlist = Schemas["PlaylistBody"];
export type Playback = Schemas["PlaybackBody"];
export type Chapter = Schemas["ChapterBody"];
export type Caption = Schemas["CaptionBody"];
export type Notification = Schemas["NotificationBody"];
export type Notifications = Schemas["NotificationPageBody"];
export type Watched = Schemas["WatchedBody"];
export type FeedItem = Schemas["FeedItemBody"];
export type LikedVideo = Schemas["LikedVideoBody"];
export type VideoHit = Schemas["VideoHitBody"];
export type ChannelHit = Schemas["ChannelHitBody"];
export type TweetHit = Schemas["TweetHitBody"];
export type CaptionHit = Schemas["CaptionHitBody"];
export type Highlight = Schemas["HighlightBody"];
export type SearchResults = Schemas["SearchBody"];
export type Subscription = Schemas["SubscriptionBody"];
export type Session = Schemas["SessionBody"];
export type Job = Schemas["JobBody"];
