// The bridge: NiceGUI mounts this, and our own desk runs on NiceGUI's Vue, so that no second one is loaded.
import * as Vue from "vue";

export default {
  props: { about: Object },
  setup(props) {
    const desk = Vue.shallowRef(null);
    import(props.about.module).then((module) => (desk.value = module.default(Vue)));
    return () =>
      desk.value
        ? Vue.h(desk.value, { about: props.about })
        : Vue.h("p", { class: "connecting" }, props.about.connecting);
  },
};
