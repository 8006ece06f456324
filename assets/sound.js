// A soft sound at one minute and at the end, made here: two or three tones of a bell that swell and fade.

const SOFT = 0.12;
const TONES = { minute: [523.25, 659.25], end: [659.25, 523.25, 392] }; // Hz

const Context = window.AudioContext ?? window.webkitAudioContext;
let context = null;

// Browsers let a page sound only once somebody has clicked or typed in it.
const isReady = () => context?.state === "running";

function wake() {
  if (!Context) return;
  context = context ?? new Context();
  context.resume?.();
}

// "minute" or "end"; the times (s) at which its tones begin, or null where the page may not sound.
function ring(name) {
  if (!isReady()) return null;
  return TONES[name].map((pitch, i) => {
    const begin = context.currentTime + 0.05 + i * 0.45;
    const gain = context.createGain();
    gain.gain.setValueAtTime(0.0001, begin);
    gain.gain.exponentialRampToValueAtTime(SOFT, begin + 0.04);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + 1.6);
    gain.connect(context.destination);
    const tone = context.createOscillator();
    tone.type = "sine";
    tone.frequency.value = pitch;
    tone.connect(gain);
    tone.start(begin);
    tone.stop(begin + 1.7);
    return begin;
  });
}

export default { isReady, wake, ring };
