import account from "./account.json";
import admin from "./admin.json";
import auth from "./auth.json";
import captions from "./captions.json";
import channel from "./channel.json";
import common from "./common.json";
import dashboard from "./dashboard.json";
import home from "./home.json";
import keys from "./keys.json";
import library from "./library.json";
import moderation from "./moderation.json";
import notifications from "./notifications.json";
import search from "./search.json";
import studio from "./studio.json";
import upload from "./upload.json";
import watch from "./watch.json";
import webhooks from "./webhooks.json";

// Each feature has its own file; a new one is named here and in the other languages.
export default {
  account,
  admin,
  auth,
  captions,
  channel,
  common,
  dashboard,
  home,
  keys,
  library,
  moderation,
  notifications,
  search,
  studio,
  upload,
  watch,
  webhooks,
};
